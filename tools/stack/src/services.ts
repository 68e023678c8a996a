/** The services as data: what each needs, whom it calls, and what it may say and hear on NATS. */
export const SERVICE_NAMES = ['crypto-svc', 'billing-svc', 'audit-svc', 'vault-svc', 'auth-svc', 'gateway'] as const;

export type ServiceName = (typeof SERVICE_NAMES)[number];

export interface ServiceDefinition {
  /** The services that it calls over gRPC. */
  calls: readonly ServiceName[];
  /** A database of its own, by name; its migrations grant the service what it needs. */
  database?: string;
  nats?: NatsPermissions;
  hsm?: true;
  /** Serves HTTP to the world in place of gRPC to the others. */
  http?: true;
  mail?: true;
}

export interface NatsPermissions {
  publish: readonly string[];
  subscribe: readonly string[];
}

/** What any user of JetStream says: manage streams and consumers, acknowledge, and answer inboxes. */
const JETSTREAM = ['$JS.API.>', '$JS.ACK.>', '_INBOX.>'];
const EVENTS = ['audit.v1.>', 'usage.v1.>', 'mail.v1.>', 'identity.v1.>'];

/** A producer of events hears which of them audit-svc has committed. */
const producer = (extra: readonly string[] = []): NatsPermissions => ({
  publish: [...EVENTS, ...JETSTREAM, ...extra],
  subscribe: ['_INBOX.>', 'confirm.v1.>', 'identity.v1.>', 'mail.v1.>', 'usage.v1.>'],
});

export const SERVICES: Record<ServiceName, ServiceDefinition> = {
  'crypto-svc': { calls: [], hsm: true },
  'billing-svc': { calls: ['crypto-svc'], database: 'oneclaw_billing', nats: producer() },
  'audit-svc': {
    calls: ['crypto-svc'],
    database: 'oneclaw_audit',
    nats: {
      publish: ['confirm.v1.>', ...EVENTS, ...JETSTREAM],
      subscribe: ['_INBOX.>', 'audit.v1.>', 'confirm.v1.>', 'identity.v1.>'],
    },
  },
  'vault-svc': {
    calls: ['crypto-svc', 'billing-svc'],
    database: 'oneclaw_vault',
    nats: producer(),
  },
  'auth-svc': {
    calls: ['crypto-svc', 'vault-svc', 'billing-svc'],
    database: 'oneclaw_auth',
    nats: producer(['invalidate.v1.>']),
    mail: true,
  },
  gateway: {
    calls: ['auth-svc', 'vault-svc', 'billing-svc', 'audit-svc'],
    nats: { publish: [], subscribe: ['invalidate.v1.>'] },
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
