import { compileAllowlist, type IpAllowlist } from './ip-allowlist.js';
import { refuseUnknown } from './refuse-unknown.js';
import { compileTimeWindow, type CompiledTimeWindow, type TimeWindow } from './time-window.js';

/** What must hold, beyond path and permission, for a policy to apply. All given ones must. */
export interface Conditions {
  ip_allowlist?: readonly string[] | undefined;
  time_window?: TimeWindow | undefined;
}

export interface CompiledConditions {
  allowlist: IpAllowlist | undefined;
  window: CompiledTimeWindow | undefined;
}

/** Throws where anything is not understood: a condition that is passed over would be one that holds. */
export function compileConditions({ ip_allowlist, time_window, ...unknown }: Conditions): CompiledConditions {
  refuseUnknown(unknown);
  return {
    allowlist: ip_allowlist === undefined ? undefined : compileAllowlist(ip_allowlist),
    window: time_window === undefined ? undefined : compileTimeWindow(time_window),
  };
}
