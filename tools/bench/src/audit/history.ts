import type { AuditAction } from '@oneclaw/events';
import { hash, randomUUID } from 'node:crypto';

/** An event as a service would tell it. */
export interface PastEvent {
  actorType: 'user' | 'agent';
  actorId: string;
  action: AuditAction;
  resourceType: string;
  resourceId: string;
  details: { vault_id?: string; path?: string; [more: string]: unknown };
  ipAddress: string;
  requestId: string;
}

type Source = 'agent' | 'user' | 'any';
type About = 'secret' | 'vault' | 'agent' | 'self';

/** What happens in an org that uses its vaults day and night: share of all events, who does it, and what it is about. */
const ACTIONS: readonly [action: AuditAction, share: number, by: Source, about: About][] = [
  ['secret.read', 0.62, 'any', 'secret'],
  ['auth.success', 0.14, 'any', 'self'],
  ['secret.list', 0.08, 'any', 'vault'],
  ['secret.write', 0.06, 'any', 'secret'],
  ['share.access', 0.025, 'any', 'secret'],
  ['auth.failure', 0.02, 'any', 'self'],
  ['secret.delete', 0.01, 'user', 'secret'],
  ['share.create', 0.01, 'user', 'secret'],
  ['auth.logout', 0.009, 'user', 'self'],
  ['policy.create', 0.006, 'user', 'vault'],
  ['agent.update', 0.005, 'user', 'agent'],
  ['policy.update', 0.004, 'user', 'vault'],
  ['agent.register', 0.003, 'user', 'agent'],
  ['agent.rotate_key', 0.003, 'user', 'agent'],
  ['policy.delete', 0.002, 'user', 'vault'],
  ['agent.deactivate', 0.001, 'user', 'agent'],
  ['vault.create', 0.001, 'user', 'vault'],
  ['apikey.create', 0.0005, 'user', 'self'],
  ['vault.delete', 0.0003, 'user', 'vault'],
  ['mfa.enable', 0.0001, 'user', 'self'],
  ['cmek.rotate', 0.00001, 'user', 'vault'],
];

const USERS = 60;
const AGENTS = 1500;
const VAULTS = 200;
const SECRETS = 50_000;
const BY_USERS = 0.1;
const DENIED = 0.03;
/** A person who did some forty things in eight million. */
const SELDOM = 0.000_005;

/** Someone or something that events name, in some order of how often they do. */
export class OrgHistory {
  readonly users: readonly string[];
  /** The first is the busiest: it did some two of a hundred things. */
  readonly agents: readonly string[];
  /** A fifth of all secrets is in the first. */
  readonly vaults: readonly string[];
  readonly seldom: string;
  private readonly secrets: readonly string[];

  /** @param busiest of the agents, where it has to be one that exists */
  constructor(
    readonly orgId: string,
    busiest?: string,
  ) {
    const ids = (kind: string, count: number) =>
      Array.from({ length: count }, (_, index) => idFor(`${orgId} ${kind} ${index}`));
    this.users = ids('user', USERS);
    this.agents = [busiest ?? idFor(`${orgId} busiest`), ...ids('agent', AGENTS - 1)];
    this.vaults = ids('vault', VAULTS);
    this.secrets = ids('secret', SECRETS);
    this.seldom = idFor(`${orgId} seldom`);
  }

  /** What happens next. */
  next(): PastEvent {
    const [action, , by, about] = pickAction();
    const isUser = by === 'user' || (by === 'any' && Math.random() < BY_USERS);
    const actorId = isUser
      ? Math.random() < SELDOM / BY_USERS
        ? this.seldom
        : this.users[skewed(USERS, 2)]!
      : this.agents[skewed(AGENTS, 2)]!;
    return {
      actorType: isUser ? 'user' : 'agent',
      actorId,
      action,
      ...this.subject(about, actorId),
      ipAddress: `10.${below(4)}.${below(256)}.${below(256)}`,
      requestId: randomUUID(),
    };
  }

  /** One of the secrets that events are about: often the same few. */
  someSecret(): { id: string; vaultId: string; path: string } {
    const n = skewed(SECRETS, 3);
    const vault = n % 5 === 0 ? 0 : 1 + (n % (VAULTS - 1));
    const path = `team-${n % 10}/service-${n % 997}/key-${n}`;
    return { id: this.secrets[n]!, vaultId: this.vaults[vault]!, path };
  }

  private subject(about: About, actorId: string): Pick<PastEvent, 'resourceType' | 'resourceId' | 'details'> {
    const outcome = Math.random() < DENIED ? { outcome: 'denied', reason: 'No policy allows this.' } : {};
    switch (about) {
      case 'secret': {
        const { id, vaultId, path } = this.someSecret();
        const details = { vault_id: vaultId, path, version: 1 + below(9), ...outcome };
        return { resourceType: 'secret', resourceId: id, details };
      }
      case 'vault':
        return { resourceType: 'vault', resourceId: this.vaults[skewed(VAULTS, 2)]!, details: outcome };
      case 'agent':
        return { resourceType: 'agent', resourceId: this.agents[below(AGENTS)]!, details: outcome };
      case 'self':
        return { resourceType: 'session', resourceId: actorId, details: outcome };
    }
  }
}

function pickAction() {
  let left = Math.random();
  for (const entry of ACTIONS) if ((left -= entry[1]) < 0) return entry;
  return ACTIONS[0]!;
}

function below(count: number): number {
  return Math.floor(Math.random() * count);
}

/** The first of many most often; the higher the power, the more so. */
function skewed(count: number, power: number): number {
  return Math.floor(count * Math.random() ** power);
}

/** The same for the same name, so that a later run knows what an earlier one made. */
export function idFor(name: string): string {
  const hex = hash('sha256', name, 'hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
