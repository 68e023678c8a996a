import { IssuerUnavailable } from './issuer-unavailable.js';

/** Bounds what one org has under way, so that its slow targets use up nobody else's share. */
export class InFlightPerOrg {
  private readonly counts = new Map<string, number>();

  constructor(private readonly max: number) {}

  async run<T>(orgId: string, work: () => Promise<T>): Promise<T> {
    const count = this.counts.get(orgId) ?? 0;
    if (count >= this.max) throw new IssuerUnavailable('issuer_busy');
    this.counts.set(orgId, count + 1);
    try {
      return await work();
    } finally {
      const left = (this.counts.get(orgId) as number) - 1;
      if (left === 0) this.counts.delete(orgId);
      else this.counts.set(orgId, left);
    }
  }
}
