import { Injectable } from '@nestjs/common';
import { type Caller, isPlatformManager } from '@oneclaw/caller';
import type { CreateChainRequest, UpdateChainRequest } from '@oneclaw/contracts/vault';
import { isUniqueViolation, transaction } from '@oneclaw/database';
import { conflict, notFound, permissionDenied } from '@oneclaw/errors';
import { type AuditAction, auditEvent, type AuditFields } from '@oneclaw/events';
import type { CallContext } from '@oneclaw/rpc';
import { DataSource, type EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { actorOf, originOf } from '../audit/audit-trail.js';
import { commitEvents } from '../audit/commit-events.js';
import { RefusalTrail } from '../audit/refusal-trail.js';
import { parseChange, parseNewChain } from './chain-input.js';
import type { Chain } from './chain.entity.js';
import { ChainsRepository } from './chains.repository.js';

type Identified = Pick<Chain, 'id' | 'name' | 'chainId'>;

/** The registry of chains. */
@Injectable()
export class ChainsService {
  constructor(
    private readonly database: DataSource,
    private readonly chains: ChainsRepository,
    private readonly refusals: RefusalTrail,
  ) {}

  /** What anybody may know. */
  async listPublic(): Promise<Chain[]> {
    const chains = await this.chains.list(this.database);
    return chains.filter(({ isEnabled }) => isEnabled).map(withoutPrivateUrls);
  }

  async listAll(caller: Caller, call: CallContext): Promise<Chain[]> {
    return this.guarded(caller, call, 'admin.list_chains', '', () => this.chains.list(this.database));
  }

  async create(caller: Caller, call: CallContext, request: CreateChainRequest): Promise<Chain> {
    const chain = { ...parseNewChain(request), id: uuidv7() };
    return this.guarded(caller, call, 'admin.create_chain', chain.id, () =>
      this.changing(caller, call, 'admin.create_chain', (manager) => this.chains.insert(manager, chain)).catch(
        (error: unknown) => {
          throw isUniqueViolation(error) ? conflict('A chain with this name or chain id exists already.') : error;
        },
      ),
    );
  }

  async update(caller: Caller, call: CallContext, { identifier, change }: UpdateChainRequest): Promise<Chain> {
    const parsed = parseChange(change);
    return this.guarded(caller, call, 'admin.update_chain', identifier, () =>
      this.changing(
        caller,
        call,
        'admin.update_chain',
        (manager) => this.chains.update(manager, identifier, parsed),
        Object.keys(parsed).map(apiNameOf),
      ),
    );
  }

  async delete(caller: Caller, call: CallContext, identifier: string): Promise<void> {
    await this.guarded(caller, call, 'admin.delete_chain', identifier, () =>
      this.changing(caller, call, 'admin.delete_chain', (manager) => this.chains.delete(manager, identifier)),
    );
  }

  /** Owners and admins of the platform org; attempts of others are in their trail. */
  private async guarded<T>(
    caller: Caller,
    call: CallContext,
    action: AuditAction,
    resourceId: string,
    operation: () => Promise<T>,
  ): Promise<T> {
    const attempt: AuditFields = { ...actorOf(caller), ...originOf(call), action, resourceType: 'chain', resourceId };
    return this.refusals.guard(attempt, async () => {
      if (!isPlatformManager(caller)) throw permissionDenied('Only those who run this installation may do this.');
      return operation();
    });
  }

  /** One change and its event, which names what was changed, and no value: those of URLs may be secret. */
  private async changing<T extends Identified>(
    caller: Caller,
    call: CallContext,
    action: AuditAction,
    change: (manager: EntityManager) => Promise<T | undefined>,
    fields?: readonly string[],
  ): Promise<T> {
    return transaction(this.database, async (manager) => {
      const chain = await change(manager);
      if (!chain) throw notFound('Chain');
      const details = { name: chain.name, chain_id: chain.chainId, ...(fields ? { fields } : {}) };
      const event = { action, resourceType: 'chain', resourceId: chain.id, details };
      await commitEvents(manager, [auditEvent({ ...actorOf(caller), ...originOf(call), ...event })]);
      return chain;
    });
  }
}

/** `rpcUrl` → `rpc_url`. */
function apiNameOf(property: string): string {
  return property.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function withoutPrivateUrls(chain: Chain): Chain {
  return chain.isRpcPublic ? chain : { ...chain, rpcUrl: null, wsUrl: null };
}
