import { randomUUID } from 'node:crypto';
import {
  CALLER_ASSERTION,
  PRINCIPAL_ATTESTATION,
  PRINCIPAL_FACTS,
  encodeCallerClaims,
  encodePrincipalFacts,
  subjectOf,
  type Caller,
  type StatedPrincipal,
} from '@oneclaw/caller';
import type { OutgoingCall } from '@oneclaw/rpc';
import type { SoftwareKeys } from './software-keys.js';

/** Signs for auth-svc; in tests with a real HSM it is asked for instead. */
export type Signer = Pick<SoftwareKeys, 'sign'>;

export const IP = '192.0.2.7';

/** Somebody who calls. */
export interface Person {
  caller: Caller;
  /** For unary calls on their behalf. */
  call: OutgoingCall;
  /** For items of a batch. */
  item: { assertion: string; ipAddress: string; requestId: string };
}

export function person(keys: Signer, overrides: Partial<Caller> = {}): Person {
  const caller: Caller = {
    type: 'user',
    id: randomUUID(),
    orgId: randomUUID(),
    sessionId: randomUUID(),
    sessionKind: 'password',
    pathScopes: [],
    areaScopes: [],
    vaultIds: [],
    intentsEnabled: false,
    ...overrides,
  };
  const assertion = keys.sign(CALLER_ASSERTION.typ, encodeCallerClaims(caller, Math.floor(Date.now() / 1000)));
  const requestId = randomUUID();
  return {
    caller,
    call: { requestId, clientIp: IP, assertion },
    item: { assertion, ipAddress: IP, requestId },
  };
}

export const owner = (keys: Signer, orgId: string = randomUUID(), overrides: Partial<Caller> = {}) =>
  person(keys, { orgId, role: 'owner', ...overrides });
export const member = (keys: Signer, orgId: string) => person(keys, { orgId, role: 'member' });
export const agent = (keys: Signer, orgId: string, overrides: Partial<Caller> = {}) =>
  person(keys, { type: 'agent', sessionKind: 'agent', orgId, ...overrides });

/** The same person on another address. */
export function from(who: Person, ipAddress: string): Person {
  return { ...who, call: { ...who.call, clientIp: ipAddress }, item: { ...who.item, ipAddress } };
}

/** Seconds by which a clock is wrong, ahead and behind. */
export const WRONG_CLOCKS = [300, -300];

const secondsNow = (clockError: number) => Math.floor(Date.now() / 1000) + clockError;

/** auth-svc's word that somebody exists in their org. */
export function attestationOf(
  keys: Signer,
  { type, id, orgId }: Pick<Caller, 'type' | 'id' | 'orgId'>,
  clockError = 0,
): string {
  const { issuer: iss, audience: aud, lifetimeSeconds, typ } = PRINCIPAL_ATTESTATION;
  const iat = secondsNow(clockError);
  return keys.sign(typ, { iss, aud, sub: subjectOf({ type, id }), org: orgId, iat, exp: iat + lifetimeSeconds });
}

/** auth-svc's word on what bounds somebody now. */
export function factsOf(
  keys: Signer,
  { caller }: Person,
  changes: Partial<StatedPrincipal> = {},
  clockError = 0,
): string {
  const facts = encodePrincipalFacts({ ...caller, ...changes }, secondsNow(clockError));
  return keys.sign(PRINCIPAL_FACTS.typ, facts);
}
