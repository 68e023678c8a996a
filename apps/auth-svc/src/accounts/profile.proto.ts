import type { Profile as ProfileMessage } from '@oneclaw/contracts/auth';
import type { Profile } from './user.entity.js';

export function toProto({ displayName, ...profile }: Profile): ProfileMessage {
  return { ...profile, displayName: displayName ?? undefined };
}
