import { randomUUID } from 'node:crypto';
import type { CreateAgentRequest } from '@oneclaw/contracts/auth';
import type { OutgoingCall } from '@oneclaw/rpc';
import { decodeJwt } from 'jose';
import type { Replica } from './auth-world.js';

export const PASSWORD = 'correct horse battery staple';

/** A request of nobody yet. */
export function anonymous(): OutgoingCall {
  return { requestId: randomUUID(), clientIp: '192.0.2.7' };
}

export interface Human {
  id: string;
  orgId: string;
  email: string;
  token: string;
  /** For calls on this human's behalf. */
  call: OutgoingCall;
}

/** Somebody with an org of their own. */
export async function signUp(replica: Replica, email = `${randomUUID()}@example.com`): Promise<Human> {
  const { token } = await replica.accounts.signUp({ email, password: PASSWORD }, anonymous());
  return human(replica, token?.accessToken as string);
}

/** Whoever holds the token, as the gateway would find out. */
export async function human(replica: Replica, token: string): Promise<Human> {
  const { results } = await replica.sessions.resolveCallers({ tokens: [token] }, anonymous());
  const caller = results[0]?.caller;
  if (!caller) throw new Error(`refused: ${results[0]?.refusal}`);
  const email = String(decodeJwt(token)['email']);
  return {
    id: caller.principalId,
    orgId: caller.orgId,
    email,
    token,
    call: { ...anonymous(), assertion: caller.assertion },
  };
}

/** Why the token opens nothing; '' if it does. */
export async function refusalOf(replica: Replica, token: string): Promise<string | undefined> {
  const { results } = await replica.sessions.resolveCallers({ tokens: [token] }, anonymous());
  return results[0]?.refusal;
}

export async function createAgent(replica: Replica, owner: Human, fields: Partial<CreateAgentRequest> = {}) {
  const { agent, apiKey } = await replica.agents.createAgent({ name: 'robot', ...fields }, owner.call);
  if (!agent) throw new Error('no agent');
  return { ...agent, apiKey: apiKey ?? '' };
}

/** The exchange of one key; `undefined` when refused. */
export async function exchangeKey(replica: Replica, apiKey: string, agentId?: string) {
  const exchange = { apiKey, agentId, ipAddress: '198.51.100.4', requestId: randomUUID() };
  const { results } = await replica.agentTokens.exchangeAgentKeys({ exchanges: [exchange] }, anonymous());
  const result = results[0];
  return result?.accepted ? { ...result, accessToken: result.token?.accessToken as string } : undefined;
}

/** A token of the agent and the call context that it resolves to. */
export async function agentCall(replica: Replica, apiKey: string): Promise<OutgoingCall> {
  const token = (await exchangeKey(replica, apiKey))?.accessToken as string;
  const { results } = await replica.sessions.resolveCallers({ tokens: [token] }, anonymous());
  return { ...anonymous(), assertion: results[0]?.caller?.assertion };
}
