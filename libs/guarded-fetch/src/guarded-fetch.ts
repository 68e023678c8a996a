import { isIP } from 'node:net';
import { FetchRefused } from './fetch-refused.js';
import { exchange } from './exchange.js';
import { type AddressResolver, systemResolver } from './resolver.js';
import type { TargetRules } from './target-rules.js';

export interface FetchLimits {
  /** For all of it: names, connection, answer. Milliseconds. */
  timeoutMs: number;
  /** Of the answer's body. */
  maxBytes: number;
  /** At once, all targets together. */
  maxInFlight: number;
}

export interface FetchRequest {
  method?: 'GET' | 'POST';
  headers?: Readonly<Record<string, string>>;
  body?: string;
  /** Below what the limits allow. */
  timeoutMs?: number;
}

export interface FetchResponse {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: Buffer;
}

const DEFAULTS: FetchLimits = { timeoutMs: 5000, maxBytes: 256 * 1024, maxInFlight: 128 };

/**
 * Asks addresses that users supply. The name is resolved once, every address of it must be allowed, and the connection goes to one
 * of just those: a name that resolves to something else a moment later changes nothing (DNS rebinding). Redirects are not followed.
 */
export class GuardedFetch {
  private readonly limits: FetchLimits;
  private inFlight = 0;

  constructor(
    private readonly rules: TargetRules,
    limits: Partial<FetchLimits> = {},
    private readonly resolver: AddressResolver = systemResolver(),
  ) {
    this.limits = { ...DEFAULTS, ...limits };
  }

  /** Any status but a redirect is an answer. Rejects with FetchRefused, and nothing else. */
  async fetch(address: string, request: FetchRequest = {}): Promise<FetchResponse> {
    const url = this.rules.parse(address);
    if (this.inFlight >= this.limits.maxInFlight) throw new FetchRefused('busy');
    this.inFlight += 1;
    const timeoutMs = Math.min(this.limits.timeoutMs, request.timeoutMs ?? Infinity);
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      const addresses = await orAborted(this.targetsOf(url), signal);
      return await exchange({ url, addresses, request, maxBytes: this.limits.maxBytes, signal });
    } catch (error) {
      if (error instanceof FetchRefused) throw error;
      throw new FetchRefused(signal.aborted ? 'timed_out' : 'failed', { cause: error });
    } finally {
      this.inFlight -= 1;
    }
  }

  /** Every address that the host has; one that may not be asked spoils all. */
  private async targetsOf({ hostname }: URL): Promise<string[]> {
    const host = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
    if (this.rules.knowsName(host)) return this.found(this.resolver.lookup(host));
    const addresses = isIP(host) === 0 ? await this.found(this.resolver.resolve(host)) : [host];
    if (!addresses.every((each) => this.rules.allowsAddress(each))) throw new FetchRefused('forbidden_target');
    return addresses;
  }

  private async found(resolving: Promise<string[]>): Promise<string[]> {
    const addresses = await resolving.catch((error: unknown) => {
      throw new FetchRefused('unknown_host', { cause: error });
    });
    if (addresses.length === 0) throw new FetchRefused('unknown_host');
    return addresses;
  }
}

/** What is waited for may go on; nobody waits for it any more. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const aborted = () => reject(new FetchRefused('timed_out'));
    signal.addEventListener('abort', aborted, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', aborted));
  });
}
