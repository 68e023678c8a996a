import { describe, expect, it } from '@jest/globals';
import { CONSUMERS } from '@oneclaw/events';
import { CALL_GRAPH } from '@oneclaw/rpc';
import { SERVICES, SERVICE_NAMES, startOrder, type ServiceName } from './services.js';

describe('the table of services', () => {
  it('starts callees before their callers, and the gateway last', () => {
    const order = startOrder();
    for (const name of SERVICE_NAMES) {
      for (const callee of SERVICES[name].calls) expect(order.indexOf(callee)).toBeLessThan(order.indexOf(name));
    }
    expect(order.at(-1)).toBe('gateway');
  });

  it('gives every service the address of each service that lets it call', () => {
    for (const [protoService, callers] of Object.entries(CALL_GRAPH)) {
      const owner = `${protoService.split('.')[1]}-svc` as ServiceName;
      for (const caller of callers.filter((each) => each !== 'operator') as ServiceName[])
        expect(SERVICES[caller].calls).toContain(owner);
    }
  });

  it('lets a service consume the families that libs/events says it consumes', () => {
    for (const [family, consumers] of Object.entries(CONSUMERS)) {
      const here = SERVICE_NAMES.filter((name) => SERVICES[name].events?.consumes?.some((each) => each === family));
      expect(here.sort()).toEqual([...consumers].sort());
    }
  });

  it('refuses services that call each other in a circle', () => {
    const circle = { ...SERVICES, 'crypto-svc': { calls: ['gateway'] as const } };
    expect(() => startOrder(circle)).toThrow('crypto-svc → gateway → auth-svc → crypto-svc');
  });
});
