import { randomUUID } from 'node:crypto';
import type { Role } from '@oneclaw/caller';
import { type AuthWorld, PLATFORM_ADMIN, type Replica } from './auth-world.js';
import { anonymous, type Human, human, PASSWORD, signUp } from './people.js';

type World = Pick<AuthWorld, 'owner'> & Replica;

/** Somebody who has confirmed their address, without the mail. */
export async function signUpVerified(world: World, email?: string): Promise<Human> {
  const someone = await signUp(world, email);
  await verify(world, someone);
  return someone;
}

export async function verify({ owner }: Pick<AuthWorld, 'owner'>, { id }: Human): Promise<void> {
  await owner.query('UPDATE users SET email_verified = true WHERE id = $1', [id]);
}

export async function invite(replica: Replica, by: Human, email: string, role: Role = 'member') {
  return (await replica.invitations.invite({ email, role }, by.call)).invitation!;
}

/** The person, as a login finds them. */
export async function logIn(replica: Replica, { email }: Pick<Human, 'email'>): Promise<Human> {
  const { token } = await replica.accounts.logIn({ email, password: PASSWORD }, anonymous());
  return human(replica, token!.accessToken);
}

/** The first owner of the platform's org. */
export async function platformAdmin(replica: Replica): Promise<Human> {
  const { token } = await replica.accounts.logIn(PLATFORM_ADMIN, anonymous());
  return human(replica, token!.accessToken);
}

/** Somebody new in the org of an owner, by invitation. */
export async function newMember(world: World, by: Human, role: Role = 'member'): Promise<Human> {
  const someone = await signUpVerified(world, `${randomUUID()}@example.com`);
  await invite(world, by, someone.email, role);
  return logIn(world, someone);
}

export async function rolesOf(replica: Replica, by: Human): Promise<Record<string, string>> {
  const { members } = await replica.orgMembers.listMembers({}, by.call);
  return Object.fromEntries(members.map(({ id, role }) => [id, role]));
}
