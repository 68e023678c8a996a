import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Api } from '../client.js';
import { eventually } from '../eventually.js';
import type { Vault } from '../types.js';
import { newAgent, newOwner, newVault, randomIp, secretUrl, type Owner, type WorkingAgent } from '../world.js';
import type { Ledger, Operation } from './ledger.js';

/** A person with a vault, and an agent that may use all of it. */
export interface Tenant {
  owner: Owner;
  vault: Vault;
  agent: WorkingAgent;
}

export interface LoadOptions {
  /** Operations under way at most. */
  workers?: number;
  /** Operations begun at most, per second. */
  perSecond?: number;
  /** Random bytes in each value. */
  valueBytes?: number;
}

export const PATHS = ['a', 'b/c', 'b/d', 'e/f/g'];
const PROGRESS_MS = 30_000;

export async function newTenants(at: Api, count: number): Promise<Tenant[]> {
  return Promise.all(
    Array.from({ length: count }, async () => {
      const owner = await newOwner(at.from(randomIp()));
      const vault = await newVault(owner);
      const agent = await newAgent(owner, [{ vault, pattern: '**', permissions: ['read', 'write'] }]);
      return { owner, vault, agent };
    }),
  );
}

/** A mixed load with a ledger, until it is stopped; paced, so that a test costs what it has to. */
export class Load {
  private readonly finished: Promise<unknown>;
  private stopping = false;
  private count = 0;

  constructor(
    private readonly tenants: readonly Tenant[],
    private readonly ledger: Ledger,
    private readonly options: LoadOptions = {},
  ) {
    const workers = options.workers ?? 8;
    const periodMs = (1000 * workers) / (options.perSecond ?? 120);
    this.finished = Promise.all(Array.from({ length: workers }, () => this.work(periodMs)));
  }

  /** Resolves once so many more operations have succeeded: the system serves. */
  async acknowledged(count: number, withinMs = PROGRESS_MS): Promise<void> {
    await this.reaches(`${count} more operations succeed`, () => this.ledger.acknowledged, count, withinMs);
  }

  /** Resolves once so many more operations have failed: the fault is felt. */
  async failed(count: number): Promise<void> {
    await this.reaches(`${count} more operations fail`, () => this.ledger.unknown, count, PROGRESS_MS);
  }

  /** Resolves once so many more operations have begun. */
  async begun(count: number): Promise<void> {
    await this.reaches(`${count} more operations begin`, () => this.ledger.operations.length, count, PROGRESS_MS);
  }

  /** Lets the operations under way end. */
  async stop(): Promise<void> {
    this.stopping = true;
    await this.finished;
  }

  private async reaches(what: string, measure: () => number, count: number, withinMs: number): Promise<void> {
    const goal = measure() + count;
    try {
      await eventually(what, withinMs, async () => (measure() >= goal ? true : undefined));
    } catch (error) {
      throw new Error(`${(error as Error).message}; last: ${this.last()}`, { cause: error });
    }
  }

  private async work(periodMs: number): Promise<void> {
    while (!this.stopping) {
      const next = performance.now() + periodMs;
      const count = this.count++;
      const tenant = this.tenants[count % this.tenants.length] as Tenant;
      await this.step(tenant, Math.floor(count / this.tenants.length));
      await pause(Math.max(0, next - performance.now()));
    }
  }

  /** Every tenant gets the same mixture; all of it often enough that a fault meets each kind. */
  private async step(tenant: Tenant, turn: number): Promise<void> {
    const path = PATHS[Math.floor(turn / 20) % PATHS.length] as string;
    const kind = turn % 20;
    if (kind < 8) await read(this.ledger, tenant, path);
    else if (kind < 15) await write(this.ledger, tenant, path, this.options.valueBytes);
    else if (kind < 17) await list(this.ledger, tenant);
    else if (kind < 19) await logInAgain(this.ledger, tenant);
    else await comeAndGo(this.ledger, tenant);
  }

  private last(): string {
    const operation = this.ledger.operations.findLast(({ outcome }) => outcome !== undefined);
    return `${operation?.action} ${operation?.outcome} ${operation?.answer?.text ?? ''}`;
  }
}

export async function read(
  ledger: Ledger,
  { owner, vault }: Tenant,
  path: string,
  version?: number,
): Promise<Operation> {
  const url = secretUrl(vault, path) + (version === undefined ? '' : `?version=${version}`);
  return ledger.perform({ action: 'secret.read', orgId: owner.orgId, vaultId: vault.id, path }, (headers) =>
    owner.api.get(url, headers),
  );
}

export async function write(
  ledger: Ledger,
  { owner, agent, vault }: Tenant,
  path: string,
  bytes = 24,
): Promise<Operation> {
  const requestId = randomUUID();
  // Beyond ASCII, and not to be compressed.
  const value = `${requestId} ☃ ${randomBytes(bytes).toString('base64')}`;
  const intent = { action: 'secret.write', orgId: owner.orgId, vaultId: vault.id, path, value } as const;
  return ledger.perform(intent, (headers) => agent.api.put(secretUrl(vault, path), { value }, headers), requestId);
}

export async function list(ledger: Ledger, { owner, vault }: Tenant): Promise<Operation> {
  return ledger.perform({ action: 'secret.list', orgId: owner.orgId, vaultId: vault.id }, (headers) =>
    owner.api.get(`/v1/vaults/${vault.id}/secrets`, headers),
  );
}

export async function logInAgain(ledger: Ledger, { owner, agent }: Tenant): Promise<Operation> {
  const credentials = { agent_id: agent.id, api_key: agent.apiKey };
  return ledger.perform({ action: 'auth.success', orgId: owner.orgId }, (headers) =>
    agent.api.as(undefined).post('/v1/auth/agent-token', credentials, headers),
  );
}

export async function createVault(ledger: Ledger, { owner }: Tenant): Promise<Operation> {
  const requestId = randomUUID();
  return ledger.perform(
    { action: 'vault.create', orgId: owner.orgId },
    (headers) => owner.api.post('/v1/vaults', { name: requestId }, headers),
    requestId,
  );
}

export async function deleteVault(ledger: Ledger, { owner }: Tenant, vaultId: string): Promise<Operation> {
  return ledger.perform({ action: 'vault.delete', orgId: owner.orgId, vaultId }, (headers) =>
    owner.api.delete(`/v1/vaults/${vaultId}`, headers),
  );
}

/** A vault that is deleted as soon as it is known to be there. */
async function comeAndGo(ledger: Ledger, tenant: Tenant): Promise<void> {
  const { outcome, answer } = await createVault(ledger, tenant);
  if (outcome === 'ok' && answer) await deleteVault(ledger, tenant, answer.as<Vault>(201).id);
}
