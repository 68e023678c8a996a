import { describe, expect, it } from '@jest/globals';
import * as audit from '@oneclaw/contracts/audit';
import * as auth from '@oneclaw/contracts/auth';
import * as billing from '@oneclaw/contracts/billing';
import * as crypto from '@oneclaw/contracts/crypto';
import * as vault from '@oneclaw/contracts/vault';
import { allowedCallers, CALL_GRAPH, ownerOf } from './call-graph.js';

const protoServices = Object.entries({ ...audit, ...auth, ...billing, ...crypto, ...vault })
  .filter(([name]) => name.endsWith('ServiceDefinition'))
  .map(([, definition]) => (definition as { fullName: string }).fullName);

const edges = Object.entries(CALL_GRAPH).flatMap(([service, callers]) =>
  callers.map((caller) => [caller, ownerOf(service)] as const),
);

function reachableFrom(start: string): Set<string> {
  const found = new Set<string>();
  const visit = (node: string) => {
    for (const [from, to] of edges) {
      if (from === node && !found.has(to)) {
        found.add(to);
        visit(to);
      }
    }
  };
  visit(start);
  return found;
}

describe('the call graph', () => {
  it('lists the callers of every proto service and of nothing else', () => {
    expect(Object.keys(CALL_GRAPH).sort()).toEqual([...protoServices].sort());
  });

  it('has no cycle', () => {
    const services = new Set(edges.flat());
    for (const service of services) expect([service, reachableFrom(service).has(service)]).toEqual([service, false]);
  });

  it('keeps crypto-svc from calling anyone and the gateway from calling crypto-svc', () => {
    expect(edges.filter(([from]) => from === 'crypto-svc')).toEqual([]);
    expect(edges.filter(([from, to]) => from === 'gateway' && to === 'crypto-svc')).toEqual([]);
  });

  it('lets billing-svc read public keys and call nothing else', () => {
    const called = Object.entries(CALL_GRAPH).filter(([, callers]) => callers.includes('billing-svc'));
    expect(called.map(([service]) => service)).toEqual(['oneclaw.crypto.v1.PublicKeyService']);
  });

  it('refuses a proto service without a list', () => {
    expect(() => allowedCallers('oneclaw.vault.v1.NewService')).toThrow(/no list of allowed callers/);
  });
});
