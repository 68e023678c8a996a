import { describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { EffectivePolicies, type PolicyKey } from './effective-policies.js';
import type { PolicyRule } from './engine/index.js';
import type { PoliciesRepository, PolicyOwner } from './policies.repository.js';

/** Answers as many policies as it is told to, and notes whose it was asked for. */
class CountingRepository implements Pick<PoliciesRepository, 'findRules'> {
  readonly asked: string[][] = [];
  count = 1;

  async findRules(_executor: unknown, owners: readonly PolicyOwner[]): Promise<PolicyRule[][]> {
    this.asked.push(owners.map(({ vaultId, principalId }) => `${vaultId}/${principalId}`));
    const id = `round ${this.asked.length}`;
    const rule: PolicyRule = { id, pattern: '**', permissions: ['read'], conditions: {}, expiresAt: undefined };
    return owners.map(() => Array.from({ length: this.count }, () => rule));
  }
}

function setUp() {
  const repository = new CountingRepository();
  const effective = new EffectivePolicies({} as DataSource, repository as unknown as PoliciesRepository);
  const ids = async (...keys: PolicyKey[]) => (await effective.find(keys)).map((policies) => policies[0]?.id);
  return { repository, effective, ids };
}

const key = (vaultId: string, revision: number, id = 'agent-1'): PolicyKey => ({
  caller: { type: 'agent', id },
  vault: { id: vaultId, policiesRevision: revision },
});

describe('the effective policies', () => {
  it('are read once per principal and vault, while the vault’s revision stays', async () => {
    const { repository, ids } = setUp();
    expect(await ids(key('v1', 3), key('v1', 3), key('v2', 0))).toEqual(['round 1', 'round 1', 'round 1']);
    expect(await ids(key('v2', 0), key('v1', 3))).toEqual(['round 1', 'round 1']);
    expect(repository.asked).toEqual([['v1/agent-1', 'v2/agent-1']]);
  });

  it('are read anew when the revision is another one, and for another principal', async () => {
    const { repository, ids } = setUp();
    await ids(key('v1', 3));
    expect(await ids(key('v1', 4), key('v1', 4, 'agent-2'))).toEqual(['round 2', 'round 2']);
    expect(repository.asked[1]).toEqual(['v1/agent-1', 'v1/agent-2']);
  });

  it('are forgotten, longest unused first, before they fill the memory', async () => {
    const { repository, ids } = setUp();
    repository.count = 40_000;
    await ids(key('v1', 0));
    await ids(key('v2', 0));
    await ids(key('v1', 0));
    await ids(key('v3', 0));
    expect(await ids(key('v1', 0))).toEqual(['round 1']);
    expect(await ids(key('v2', 0))).toEqual(['round 4']);
  });

  it('leave out what is stored but cannot be understood', async () => {
    const { repository, effective } = setUp();
    repository.findRules = async () => [
      [{ id: 'p', pattern: 'a//b', permissions: ['read'], conditions: {}, expiresAt: undefined }],
    ];
    expect(await effective.find([key('v1', 0)])).toEqual([[]]);
  });
});
