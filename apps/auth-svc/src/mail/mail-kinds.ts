/**
 * Every mail there is, and what each needs to be told. `params` travel and wait in the clear, `secretParams` (keys, tokens,
 * links with tokens) only sealed. All are strings and must be given; an empty one is left out of the mail.
 */
export const MAIL_KINDS = {
  welcome: { params: [], secretParams: ['verification_url'] },
  password_changed: { params: ['changed_at', 'ip_address'], secretParams: [] },
  api_key_created: { params: ['name', 'key_prefix', 'created_at', 'ip_address'], secretParams: [] },
  agent_enrolled: { params: ['agent_id', 'name', 'description'], secretParams: ['api_key'] },
  org_invitation: { params: ['org_name', 'invited_by', 'role', 'expires_at'], secretParams: ['invite_token'] },
  share_invitation: { params: ['shared_by', 'share_id', 'expires_at'], secretParams: [] },
  share_accessed: { params: ['path', 'accessed_by', 'accessed_at', 'ip_address', 'accesses'], secretParams: [] },
  credit_expiry: { params: ['amount_usd', 'expires_at'], secretParams: [] },
} as const satisfies Record<string, { params: readonly string[]; secretParams: readonly string[] }>;

type Kinds = typeof MAIL_KINDS;
export type MailKind = keyof Kinds;

/** The names of both sorts, as a template sees them. */
export type MailParams<K extends MailKind> = Record<
  Kinds[K]['params'][number] | Kinds[K]['secretParams'][number],
  string
>;

interface Addressed {
  /** Whose business it is; absent where no org is known. */
  orgId?: string;
  /** One address. */
  to: string;
}

/** A mail to be sent, one shape per kind. */
export type Mail = {
  [K in MailKind]: Addressed & {
    kind: K;
    params: Record<Kinds[K]['params'][number], string>;
  } & (Kinds[K]['secretParams'][number] extends never
      ? { secretParams?: undefined }
      : { secretParams: Record<Kinds[K]['secretParams'][number], string> });
}[MailKind];

export function isMailKind(kind: string): kind is MailKind {
  return Object.hasOwn(MAIL_KINDS, kind);
}
