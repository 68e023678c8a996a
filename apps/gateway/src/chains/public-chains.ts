import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import type { Chain } from '@oneclaw/contracts/vault';
import { notFound } from '@oneclaw/errors';
import { Recent } from '../upstreams/recent.js';
import { VaultClients } from '../upstreams/vault-clients.js';

/** The registry changes hardly ever, and anybody may ask: however many do, vault-svc is asked once in this time. */
const MAX_AGE_MS = 1000;

/** The chains that anybody may know of. */
@Injectable()
export class PublicChains {
  private readonly chains: Recent<Chain[]>;

  constructor(vault: VaultClients) {
    this.chains = new Recent(
      async () => (await vault.chains.listChains({}, { requestId: randomUUID() })).chains,
      MAX_AGE_MS,
    );
  }

  list(): Promise<Chain[]> {
    return this.chains.get();
  }

  /** By id, chain id or name. */
  async find(identifier: string): Promise<Chain> {
    const wanted = identifier.toLowerCase();
    const found = (await this.list()).find(({ id, chainId, name }) => [id, String(chainId), name].includes(wanted));
    if (!found) throw notFound('Chain');
    return found;
  }

  /** They were changed through this gateway. */
  forget(): void {
    this.chains.forget();
  }
}
