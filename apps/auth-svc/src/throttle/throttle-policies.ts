import type { Window } from '@oneclaw/database';

/** Whom failures are counted against. An IPv6 client holds a /64, so its network counts as its address. */
export type Scope = 'account' | 'ip' | 'account_and_ip';

export interface PolicyWindow extends Window {
  scope: Scope;
}

const QUARTER_HOUR_MS = 15 * 60_000;
const HOUR_MS = 60 * 60_000;

/** One address trying many accounts, by whatever route. */
const perIp: PolicyWindow = { scope: 'ip', limit: 100, ms: QUARTER_HOUR_MS };

export type Policy = keyof typeof POLICIES;

/** What is throttled, and how (contract, section 3). Failures of one policy do not count against an account in another. */
export const POLICIES = {
  /** Logging in, changing the password, switching MFA off. */
  password: [
    { scope: 'account_and_ip', limit: 10, ms: QUARTER_HOUR_MS, resets: true, remembers: true },
    { scope: 'account', limit: 100, ms: HOUR_MS, sparesKnown: true },
    perIp,
  ],
  /** Six digits are guessed from many addresses as easily as from one. */
  mfa_code: [{ scope: 'account', limit: 10, ms: QUARTER_HOUR_MS, resets: true }, perIp],
  /** What anybody may ask about a user code; nobody's account, so its limit is everybody's together. */
  device_code: [
    { scope: 'account_and_ip', limit: 20, ms: QUARTER_HOUR_MS },
    { scope: 'account', limit: 1000, ms: HOUR_MS },
    perIp,
  ],
  /** Saying yes or no to a user code: of those who have logged in, so that nobody else can stop them. */
  device_decision: [{ scope: 'account', limit: 20, ms: QUARTER_HOUR_MS }, perIp],
  /** Mails that an org has us send to people whom it chooses; counted whether or not they are welcome. */
  invitation: [{ scope: 'account', limit: 200, ms: HOUR_MS }],
  /** And to one address, whoever invites it. */
  invitation_to: [{ scope: 'account', limit: 10, ms: HOUR_MS }],
} as const satisfies Record<string, readonly PolicyWindow[]>;
