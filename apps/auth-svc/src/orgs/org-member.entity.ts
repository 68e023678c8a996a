import type { Role } from '@oneclaw/caller';
import type { User } from '../accounts/user.entity.js';

/** A member, as the rules need it. */
export interface OrgMember {
  userId: string;
  role: Role;
}

/** A member, as owners and admins see it. */
export interface MemberProfile extends Pick<User, 'id' | 'email' | 'displayName' | 'authMethod'> {
  role: Role;
  /** Of the account. */
  createdAt: Date;
}
