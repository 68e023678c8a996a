import type { Family } from './nats-permissions.js';

/** The services as data: what each needs, whom it calls, and its part in the events. */
export const SERVICE_NAMES = ['crypto-svc', 'billing-svc', 'audit-svc', 'vault-svc', 'auth-svc', 'gateway'] as const;

export type ServiceName = (typeof SERVICE_NAMES)[number];

export interface ServiceDefinition {
  /** The services that it calls over gRPC. */
  calls: readonly ServiceName[];
  /** A database of its own, by name; its migrations grant the service what it needs. */
  database?: string;
  events?: EventsRole;
  hsm?: true;
  /** Serves HTTP to the world in place of gRPC to the others. */
  http?: true;
  mail?: true;
}

export interface EventsRole {
  /** Has an outbox. */
  produces?: true;
  /** Families that it speaks in without an outbox. */
  publishes?: readonly Family[];
  consumes?: readonly Family[];
  /** Tells the gateways which sessions are void. */
  invalidates?: true;
  hearsInvalidations?: true;
}

export const SERVICES: Record<ServiceName, ServiceDefinition> = {
  'crypto-svc': { calls: [], hsm: true },
  'billing-svc': {
    calls: ['crypto-svc'],
    database: 'oneclaw_billing',
    events: { produces: true, consumes: ['identity', 'usage'] },
  },
  'audit-svc': {
    calls: ['crypto-svc'],
    database: 'oneclaw_audit',
    events: { consumes: ['audit'] },
  },
  'vault-svc': {
    calls: ['crypto-svc', 'billing-svc'],
    database: 'oneclaw_vault',
    events: { produces: true, consumes: ['identity'] },
  },
  'auth-svc': {
    calls: ['crypto-svc', 'vault-svc', 'billing-svc'],
    database: 'oneclaw_auth',
    events: { produces: true, consumes: ['mail'], invalidates: true },
    mail: true,
  },
  gateway: {
    calls: ['auth-svc', 'vault-svc', 'billing-svc', 'audit-svc'],
    events: { publishes: ['usage'], hearsInvalidations: true },
    http: true,
  },
};

/** Callees before callers; stopping goes the other way round. */
export function startOrder(services: Record<ServiceName, ServiceDefinition> = SERVICES): ServiceName[] {
  const order: ServiceName[] = [];
  const visit = (name: ServiceName, path: readonly ServiceName[]): void => {
    if (path.includes(name))
      throw new Error(`The services call each other in a circle: ${[...path, name].join(' → ')}`);
    if (order.includes(name)) return;
    for (const callee of services[name].calls) visit(callee, [...path, name]);
    order.push(name);
  };
  for (const name of SERVICE_NAMES) visit(name, []);
  return order;
}
