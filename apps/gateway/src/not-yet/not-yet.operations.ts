import type { AuditAction } from '@oneclaw/events';
import { z } from 'zod';
import { uuid } from '../api/fields.js';
import { defineOperation } from '../api/operation.js';

/*
 * Operations of the API whose services are still to come: checkout, the credit ledger, and transactions of agents. They pass the whole
 * pipeline, so that who may call them is settled, and answer 501. Each moves to its noun when it is served.
 */

const managers = { users: true, agents: false } as const;
const itself = { users: false, agents: 'itself' } as const;
const answer = { status: 501, description: 'Not served yet.' } as const;

const billing = { tag: 'Billing', access: managers, answer } as const;
const transactions = {
  path: '/v1/agents/:agent_id/transactions',
  tag: 'Transactions',
  params: z.object({ agent_id: uuid() }),
  answer,
} as const;
const auditAs = (action: AuditAction) => ({ action, resource: 'agent', idFrom: 'agent_id' });

export const subscribe = defineOperation({
  ...billing,
  id: 'subscribe',
  method: 'POST',
  path: '/v1/billing/subscribe',
  summary: 'Start the checkout of a subscription',
  keyScope: 'billing:write',
  audit: { action: 'billing.subscribe', resource: 'subscription' },
});

export const openBillingPortal = defineOperation({
  ...billing,
  id: 'openBillingPortal',
  method: 'POST',
  path: '/v1/billing/portal',
  summary: 'Open the portal in which a subscription is managed',
  keyScope: 'billing:write',
  audit: { action: 'billing.portal', resource: 'subscription' },
});

export const topUpCredits = defineOperation({
  ...billing,
  id: 'topUpCredits',
  method: 'POST',
  path: '/v1/billing/credits/topup',
  summary: 'Start the checkout of credits',
  keyScope: 'billing:write',
  audit: { action: 'billing.topup', resource: 'credits' },
});

export const listCreditTransactions = defineOperation({
  ...billing,
  id: 'listCreditTransactions',
  method: 'GET',
  path: '/v1/billing/credits/transactions',
  summary: 'List what was added to the credits and taken from them',
  keyScope: 'billing:read',
  audit: { action: 'billing.read', resource: 'credits' },
});

export const receiveBillingEvent = defineOperation({
  ...billing,
  id: 'receiveBillingEvent',
  method: 'POST',
  path: '/v1/billing/webhooks',
  summary: 'Receive an event of the payment provider',
  access: 'public',
});

export const submitTransaction = defineOperation({
  ...transactions,
  id: 'submitTransaction',
  method: 'POST',
  summary: 'Sign a transaction and send it',
  access: itself,
  audit: auditAs('transaction.submit'),
});

export const listTransactions = defineOperation({
  ...transactions,
  id: 'listTransactions',
  method: 'GET',
  summary: 'List the transactions of an agent',
  access: { users: true, agents: 'itself' },
  keyScope: 'agents:read',
  audit: auditAs('transaction.list'),
});

export const getTransaction = defineOperation({
  ...transactions,
  id: 'getTransaction',
  method: 'GET',
  path: '/v1/agents/:agent_id/transactions/:tx_id',
  summary: 'Get a transaction of an agent',
  access: { users: true, agents: 'itself' },
  keyScope: 'agents:read',
  audit: auditAs('transaction.get'),
  params: z.object({ agent_id: uuid(), tx_id: uuid() }),
});

export const simulateTransaction = defineOperation({
  ...transactions,
  id: 'simulateTransaction',
  method: 'POST',
  path: '/v1/agents/:agent_id/transactions/simulate',
  summary: 'Try a transaction without signing it',
  access: itself,
  audit: auditAs('transaction.simulate'),
});

export const simulateTransactionBundle = defineOperation({
  ...transactions,
  id: 'simulateTransactionBundle',
  method: 'POST',
  path: '/v1/agents/:agent_id/transactions/simulate-bundle',
  summary: 'Try several transactions, one on top of the other',
  access: itself,
  audit: auditAs('transaction.simulate'),
});
