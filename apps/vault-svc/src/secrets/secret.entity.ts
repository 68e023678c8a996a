export const SECRET_TYPES = [
  'generic',
  'password',
  'api_key',
  'private_key',
  'certificate',
  'file',
  'note',
  'ssh_key',
  'env',
  'env_bundle',
] as const;

export type SecretType = (typeof SECRET_TYPES)[number];

/** What an agent that signs transactions never reads: it is to use such keys through signing only. */
const SIGNING_KEY_TYPES: ReadonlySet<string> = new Set<SecretType>(['private_key', 'ssh_key']);

export function isSigningKey(type: string): boolean {
  return SIGNING_KEY_TYPES.has(type);
}

export const MAX_VALUE_BYTES = 256 * 1024;

/** What may be said of a version to those who may read it. */
export interface SecretMetadata {
  /** The secret's id, the same for all its versions. */
  id: string;
  path: string;
  type: string;
  version: number;
  /** A JSON object. */
  metadataJson: string;
  /** Of the version. */
  createdAt: Date;
  expiresAt: Date | null;
}

/** For a message of the contract, where what is absent is undefined. */
export function toMetadata({ id, path, type, version, metadataJson, createdAt, expiresAt }: SecretMetadata) {
  return { id, path, type, version, metadataJson, createdAt, expiresAt: expiresAt ?? undefined };
}
