import type { Api } from './client.js';
import { verificationToken } from './mails.js';
import type { SecretMetadata, Token, Vault } from './types.js';
import { gateway, newOwner, newVault, secretUrl, type Owner } from './world.js';

export interface Share {
  id: string;
  share_url: string;
  recipient_type: string;
  recipient_email?: string | null;
  expires_at: string;
  max_access_count: number | null;
}

export interface SharedSecret {
  id: string;
  path: string;
  type: string;
  value: string;
  access_count: number;
  max_access_count: number | null;
}

export interface ListedShare {
  id: string;
  secret_path: string;
  recipient_type: string;
  recipient_email?: string | null;
  access_count: number;
  max_access_count: number | null;
  expires_at: string;
  created_at: string;
  is_expired: boolean;
  is_accepted: boolean;
}

export const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();

export interface SharedWorld {
  owner: Owner;
  vault: Vault;
  secretId: string;
}

/** An owner with a secret at `db/password`. */
export async function newSharer(at: Api = gateway(), value = 'the value'): Promise<SharedWorld> {
  const owner = await newOwner(at);
  const vault = await newVault(owner);
  return { owner, vault, secretId: await storeSecret(owner, vault, 'db/password', { value }) };
}

export async function storeSecret(owner: Owner, vault: Vault, path: string, body: object): Promise<string> {
  return (await owner.api.put(secretUrl(vault, path), body)).as<SecretMetadata>(201).id;
}

/** By a link, for an hour, unless told otherwise. */
export async function share(api: Api, secretId: string, fields: Record<string, unknown> = {}): Promise<Share> {
  const body = { recipient_type: 'anyone_with_link', expires_at: inAnHour(), ...fields };
  return (await api.post(`/v1/secrets/${secretId}/share`, body)).as<Share>(201);
}

export const shareUrl = ({ id }: { id: string }) => `/v1/share/${id}`;

export const withPassphrase = (passphrase: string) => ({
  'x-share-passphrase': Buffer.from(passphrase).toString('latin1'),
});

export async function accept(api: Api, { id }: { id: string }): Promise<void> {
  (await api.post(`/v1/shares/${id}/accept`)).empty();
}

export async function listed(api: Api, direction: 'outbound' | 'inbound'): Promise<ListedShare[]> {
  return (await api.get(`/v1/shares/${direction}`)).as<{ shares: ListedShare[] }>(200).shares;
}

/** Confirms the address of an account by the mail that it got. */
export async function verifyAddress(owner: Owner): Promise<Owner> {
  const token = await verificationToken(owner.email);
  const answer = await owner.api.as(undefined).post('/v1/auth/verify-email', { token });
  return { ...owner, api: owner.api.as(answer.as<Token>(200).access_token) };
}
