import { describe, expect, it } from '@jest/globals';
import type { VerifiedSession } from '../tokens/session-tokens.js';
import { callerOf, endOf, pathScopesOf, refusalOf } from './current-caller.js';
import type { SessionState } from './session.entity.js';

const session: VerifiedSession = {
  jti: 'jti',
  principalType: 'agent',
  principalId: 'id',
  orgId: 'org',
  issuedAt: 0,
  expiresAt: 1,
  intentsEnabled: false,
};

const agent: SessionState = {
  id: 'jti',
  kind: 'agent',
  principalType: 'agent',
  principalId: 'id',
  orgId: 'org',
  revoked: false,
  credentialsUnchanged: true,
  role: null,
  email: null,
  emailVerified: null,
  registeredBy: null,
  agentActive: true,
  agentExpired: false,
  agentExpiresAt: null,
  keyUsable: false,
  scopes: [],
  vaultIds: [],
  intentsEnabled: false,
};

const userSession: VerifiedSession = { ...session, principalType: 'user' };
const user: SessionState = {
  ...agent,
  kind: 'password',
  principalType: 'user',
  role: 'member',
  email: 'ada@example.com',
  emailVerified: false,
  agentActive: null,
  scopes: null,
  vaultIds: null,
  intentsEnabled: null,
};

describe('the holder of a verified token', () => {
  it('may go on while nothing speaks against it', () => {
    expect(refusalOf(session, agent)).toBeUndefined();
    expect(refusalOf(userSession, user)).toBeUndefined();
  });

  it.each<[string, Partial<SessionState>]>([
    ['wrong_subject', { principalId: 'other' }],
    ['wrong_subject', { principalType: 'user' }],
    ['wrong_org', { orgId: 'other' }],
    ['revoked', { revoked: true }],
    ['principal_gone', { credentialsUnchanged: null }],
    ['credentials_changed', { credentialsUnchanged: false }],
    ['agent_inactive', { agentActive: false }],
    ['agent_inactive', { agentActive: null }],
    ['agent_expired', { agentExpired: true }],
  ])('is refused as %s with %j', (reason, change) => {
    expect(refusalOf(session, { ...agent, ...change })).toBe(reason);
  });

  it('is refused with the end of the key that the session began with', () => {
    const keySession: SessionState = { ...user, kind: 'api_key', keyUsable: true };
    expect(refusalOf(userSession, keySession)).toBeUndefined();
    expect(refusalOf(userSession, { ...keySession, keyUsable: false })).toBe('api_key_ended');
  });

  it('is refused without a session, and as a user without membership', () => {
    expect(refusalOf(session, undefined)).toBe('unknown_session');
    expect(refusalOf(userSession, { ...user, role: null })).toBe('not_a_member');
  });
});

describe('the end of a session', () => {
  it('is that of the token, or of the agent where that comes first', () => {
    const token = { ...session, expiresAt: 100 };
    expect(endOf(token, agent)).toEqual(new Date(100_000));
    expect(endOf(token, { ...agent, agentExpiresAt: new Date(200_000) })).toEqual(new Date(100_000));
    expect(endOf(token, { ...agent, agentExpiresAt: new Date(50_500) })).toEqual(new Date(50_500));
  });
});

describe('the caller', () => {
  it('of a user has the role, the address and nothing of an agent', () => {
    expect(callerOf({ ...userSession, intentsEnabled: true }, user)).toEqual({
      type: 'user',
      id: 'id',
      orgId: 'org',
      role: 'member',
      sessionId: 'jti',
      sessionKind: 'password',
      pathScopes: [],
      areaScopes: [],
      vaultIds: [],
      intentsEnabled: false,
      email: 'ada@example.com',
      emailVerified: false,
    });
    expect(callerOf(userSession, { ...user, emailVerified: true }).emailVerified).toBe(true);
  });

  it('of an agent says who registered it, as long as that human is there', () => {
    expect(callerOf(session, { ...agent, registeredBy: 'ada' })).toMatchObject({ registeredBy: 'ada' });
    expect(callerOf(session, agent)).not.toHaveProperty('registeredBy');
    expect(callerOf(session, agent)).not.toHaveProperty('email');
  });

  it('of a key has its scopes, paths and areas apart', () => {
    const state: SessionState = { ...user, kind: 'api_key', keyUsable: true, scopes: ['app/**', 'secrets:read', '*'] };
    expect(callerOf(userSession, state)).toMatchObject({
      sessionKind: 'api_key',
      pathScopes: ['app/**', '*'],
      areaScopes: ['secrets:read'],
    });
    expect(callerOf(userSession, { ...state, scopes: [] })).toMatchObject({ pathScopes: [], areaScopes: [] });
  });

  it.each([
    [false, false, false],
    [true, false, true],
    [false, true, true],
  ])('signs transactions when the token (%s) or the flag (%s) says so: %s', (token, flag, expected) => {
    expect(callerOf({ ...session, intentsEnabled: token }, { ...agent, intentsEnabled: flag }).intentsEnabled).toBe(
      expected,
    );
  });

  it.each<[string[], string[]]>([
    [[], []],
    [['*'], []],
    [['*', 'tx:sign'], []],
    [['vaults:read'], []],
    [
      ['*', 'a/**'],
      ['*', 'a/**'],
    ],
    [
      ['a/b', 'tx:sign', 'c/*'],
      ['a/b', 'c/*'],
    ],
  ])('with the scopes %j has the ceiling %j', (scopes, ceiling) => {
    expect(pathScopesOf(scopes)).toEqual(ceiling);
  });
});
