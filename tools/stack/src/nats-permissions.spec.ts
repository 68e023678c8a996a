import { describe, expect, it } from '@jest/globals';
import { natsPermissions } from './nats-permissions.js';
import { SERVICES, type EventsRole } from './services.js';

const roleOf = (name: keyof typeof SERVICES): EventsRole => SERVICES[name].events ?? {};

describe('the NATS permissions', () => {
  it('let the gateway tell what was used, hear invalidations, and nothing else', () => {
    const { publish, subscribe } = natsPermissions('gateway', roleOf('gateway'));
    expect(publish.filter((subject) => !subject.startsWith('$JS.API.STREAM.'))).toEqual(['usage.v1.gateway']);
    expect(publish.filter((subject) => !subject.endsWith('.usage_v1'))).toEqual(['usage.v1.gateway']);
    expect(subscribe).toEqual(['_INBOX.gateway.>', 'invalidate.v1.>']);
  });

  it('let a producer speak in its own name only', () => {
    const { publish } = natsPermissions('vault-svc', roleOf('vault-svc'));
    expect(publish.filter((subject) => subject.startsWith('audit.'))).toEqual(['audit.v1.vault-svc']);
  });

  it('let nobody but auth-svc declare a session void', () => {
    const may = Object.keys(SERVICES).filter((name) =>
      natsPermissions(name as keyof typeof SERVICES, roleOf(name as keyof typeof SERVICES)).publish.includes(
        'invalidate.v1.>',
      ),
    );
    expect(may).toEqual(['auth-svc']);
  });

  it('let a consumer remove its own place at a stream only, and nobody a stream', () => {
    const may = Object.keys(SERVICES).flatMap(
      (name) => natsPermissions(name as keyof typeof SERVICES, roleOf(name as keyof typeof SERVICES)).publish,
    );
    expect(may.filter((subject) => subject.includes('DELETE')).sort()).toEqual(
      [
        'audit_v1.audit-svc',
        'identity_v1.billing-svc',
        'identity_v1.vault-svc',
        'mail_v1.auth-svc',
        'usage_v1.billing-svc',
      ].map((consumer) => `$JS.API.CONSUMER.DELETE.${consumer}`),
    );
  });

  it('keep audit-svc from writing the events that it keeps', () => {
    const { publish } = natsPermissions('audit-svc', roleOf('audit-svc'));
    expect(publish.filter((subject) => subject.startsWith('audit.v1.'))).toEqual([]);
  });
});
