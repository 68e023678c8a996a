import { BlockList, isIP } from 'node:net';
import { FetchRefused } from './fetch-refused.js';
import { addTo, isPublicAddress } from './public-addresses.js';

export interface TargetRuleOptions {
  /** http too, to any target. */
  allowHttp?: boolean;
  /** Targets that may be private: addresses, CIDRs, or names of hosts as they stand in the URL. */
  allowTargets?: readonly string[];
}

/** Which addresses that somebody supplied may be asked. */
export class TargetRules {
  private readonly allowHttp: boolean;
  private readonly addresses = new BlockList();
  private readonly names = new Set<string>();

  /** Throws on entries that are neither an address, a CIDR nor a name. */
  constructor({ allowHttp = false, allowTargets = [] }: TargetRuleOptions = {}) {
    this.allowHttp = allowHttp;
    for (const target of allowTargets) this.allow(target);
  }

  /** The URL in its canonical form (which undoes 0x7f.1 and the like). Throws FetchRefused. */
  parse(text: string): URL {
    const url = URL.parse(text);
    if (!url || url.hostname === '' || url.username !== '' || url.password !== '') throw new FetchRefused('bad_url');
    if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new FetchRefused('bad_url');
    if (url.protocol === 'http:' && !this.allowHttp) throw new FetchRefused('not_https');
    return url;
  }

  /** Somebody who configures this service vouches for the name, whatever it resolves to. */
  knowsName(host: string): boolean {
    return this.names.has(host);
  }

  /** Of a host that is no vouched name. */
  allowsAddress(address: string): boolean {
    return isPublicAddress(address) || this.addresses.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  }

  private allow(target: string): void {
    if (isIP(target.split('/')[0] as string) !== 0) return addTo(this.addresses, target);
    if (!/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/i.test(target))
      throw new Error(`${target} is no address, CIDR or host`);
    this.names.add(target.toLowerCase());
  }
}
