import { type Caller, isManager } from './caller.js';

/** The org of those who run an installation: its owners and admins administer all others. There is one, under this id, in each. */
export const PLATFORM_ORG_ID = '00000000-0000-7000-8000-000000000001';

/** Whether somebody runs the installation: an owner or admin of its org, and not by way of an API key with scopes. */
export function isPlatformManager(caller: Caller): boolean {
  const unscoped = caller.pathScopes.length === 0 && caller.areaScopes.length === 0;
  return caller.orgId === PLATFORM_ORG_ID && isManager(caller) && unscoped;
}
