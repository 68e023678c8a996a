import { describe, expect, it } from '@jest/globals';
import type { Policy, SecretMetadata } from './types.js';
import { newOwnerWithVault, registerAgent, secretUrl } from './world.js';

/** What is sent, and the same moment in UTC to the millisecond. */
const FORMS: [sent: string, moment: string][] = [
  ['2033-04-05T06:07:08Z', '2033-04-05T06:07:08.000Z'],
  ['2033-04-05t06:07:08z', '2033-04-05T06:07:08.000Z'],
  ['2033-04-05T06:07:08.1Z', '2033-04-05T06:07:08.100Z'],
  ['2033-04-05T06:07:08.123456Z', '2033-04-05T06:07:08.123Z'],
  ['2033-04-05T06:07:08.123456789Z', '2033-04-05T06:07:08.123Z'],
  ['2033-04-05T06:07:08+00:00', '2033-04-05T06:07:08.000Z'],
  ['2033-04-05T06:07:08-00:00', '2033-04-05T06:07:08.000Z'],
  ['2033-04-05T06:07:08+05:30', '2033-04-05T00:37:08.000Z'],
  ['2033-04-05T06:07:08.5-11:45', '2033-04-05T17:52:08.500Z'],
  ['2036-02-29T23:59:59+14:00', '2036-02-29T09:59:59.000Z'],
];

const BAD = [
  '2033-04-05',
  '2033-04-05T06:07:08',
  '2033-04-05T06:07Z',
  '2033-4-5T06:07:08Z',
  '2033-13-01T00:00:00Z',
  '2033-02-29T00:00:00Z',
  '2033-04-05T24:00:01Z',
  '2033-04-05T06:60:00Z',
  '2033-04-05T06:07:08.Z',
  '2033-04-05T06:07:08.1234567890Z',
  '2033-04-05T06:07:08+0530',
  '2033-04-05T06:07:08+25:00',
  '+002033-04-05T06:07:08Z',
  'Tue, 05 Apr 2033 06:07:08 GMT',
  '1996263600',
  '',
];

/** Milliseconds since the epoch, whatever number of digits is shown. */
const milliseconds = (shown: string | null | undefined): number => Math.floor(Date.parse(shown ?? ''));

describe('timestamps', () => {
  it('are read in every form of RFC 3339 and shown in UTC, on secrets, agents and policies alike', async () => {
    const { owner, vault } = await newOwnerWithVault();
    const agent = await registerAgent(owner);
    const policy = { secret_path_pattern: 'a', principal_type: 'agent', principal_id: agent.id, permissions: ['read'] };
    for (const [expires_at, moment] of FORMS) {
      const stored = await owner.api.put(secretUrl(vault, 'a'), { value: 'v', expires_at });
      const granted = await owner.api.post(`/v1/vaults/${vault.id}/policies`, { ...policy, expires_at });
      const registered = await registerAgent(owner, { expires_at });
      for (const shown of [
        stored.as<SecretMetadata>(201).expires_at,
        granted.as<Policy>(201).expires_at,
        registered.record.expires_at,
      ]) {
        expect(shown).toMatch(/Z$/);
        expect([expires_at, milliseconds(shown)]).toEqual([expires_at, Date.parse(moment)]);
      }
    }
  });

  it.each(BAD)('are refused in other forms: "%s"', async (expires_at) => {
    const { owner, vault } = await newOwnerWithVault();
    (await owner.api.put(secretUrl(vault, 'a'), { value: 'v', expires_at })).invalid('expires_at');
    (await owner.api.get(`/v1/audit/events?from=${encodeURIComponent(expires_at)}`)).refused(400);
  });
});
