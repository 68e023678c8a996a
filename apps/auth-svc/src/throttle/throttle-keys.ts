import { hash } from 'node:crypto';
import { networkOf } from '@oneclaw/caller';
import type { Policy, PolicyWindow } from './throttle-policies.js';

/** Whose attempt it is. */
export interface Subject {
  /** The canonical address, or the user's id; whether it exists does not matter. Empty: nobody in particular. */
  account: string;
  /** The client's address. */
  ip: string;
}

/** 32 bytes: an address that somebody mistyped is not kept, and all keys are of one length. */
export function keyOf(policy: Policy, { scope }: Pick<PolicyWindow, 'scope'>, { account, ip }: Subject): Buffer {
  const parts = {
    account: [scope, policy, account],
    account_and_ip: [scope, policy, networkOf(ip), account],
    ip: [scope, networkOf(ip)],
  }[scope];
  return hash('sha256', JSON.stringify(parts), 'buffer');
}
