import { compileAllowlist, type IpAllowlist } from './ip-allowlist.js';
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

export function compileConditions({ ip_allowlist, time_window }: Conditions): CompiledConditions {
  return {
    allowlist: ip_allowlist && compileAllowlist(ip_allowlist),
    window: time_window && compileTimeWindow(time_window),
  };
}
