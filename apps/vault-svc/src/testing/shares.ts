import type { CreateShareRequest, OpenShareResponse, Share } from '@oneclaw/contracts/vault';
import { DomainError } from '@oneclaw/errors';
import { MailMessage, EventBatch } from '@oneclaw/contracts/events';
import type { StatedPrincipal } from '@oneclaw/caller';
import type pg from 'pg';
import { attestationOf, factsOf, type Person, type Signer } from './people.js';
import type { Clients } from './vault-world.js';

export const HOUR_MS = 3_600_000;
export const inAnHour = () => new Date(Date.now() + HOUR_MS);

type Terms = Partial<Omit<CreateShareRequest, 'recipientType' | 'recipientAttestation'>>;

/** A share by a link, unless told otherwise. */
export async function share(
  { shares }: Clients,
  who: Person,
  secretId: string,
  terms: Terms & { recipientType?: string; recipientAttestation?: string } = {},
): Promise<Share> {
  const request = { recipientType: 'anyone_with_link', expiresAt: inAnHour(), ...terms };
  return (await shares.createShare({ secretId, ...request }, who.call)).share as Share;
}

/** A share for a user or agent of the org. */
export async function shareWith(
  clients: Clients,
  keys: Signer,
  who: Person,
  secretId: string,
  { caller }: Person,
  terms: Terms = {},
): Promise<Share> {
  const recipient = { recipientType: caller.type, recipientId: caller.id };
  return await share(clients, who, secretId, {
    ...recipient,
    recipientAttestation: attestationOf(keys, caller),
    ...terms,
  });
}

export type Opened = OpenShareResponse & { text: string };

export interface Visit {
  /** Whoever shared; the facts that auth-svc states about them. */
  by: Person;
  facts?: Partial<StatedPrincipal> | 'none';
  passphrase?: string;
  ip?: string;
}

/** Opens a share for somebody, or for nobody in particular. */
export async function open(
  { shareAccess }: Clients,
  keys: Signer,
  shareId: string,
  visitor: Person | undefined,
  { by, facts, passphrase, ip = '198.51.100.9' }: Visit,
): Promise<Opened> {
  const sharerFacts = facts === 'none' ? '' : factsOf(keys, by, facts);
  const call = visitor ? visitor.call : { requestId: 'a-visit' };
  const answer = await shareAccess.openShare({ shareId, sharerFacts, passphrase }, { ...call, clientIp: ip });
  return { ...answer, text: answer.value.toString('utf8') };
}

/** How an attempt ended: "opened", or the code of its error. */
export async function outcomeOf(attempt: Promise<unknown>): Promise<string> {
  return await attempt.then(
    () => 'opened',
    (error: unknown) => (error instanceof DomainError ? error.code : String(error)),
  );
}

export function tally(outcomes: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const outcome of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}

/** Mails to an address that were committed to the outbox, oldest first. */
export async function mailsTo(owner: pg.Pool, address: string): Promise<MailMessage[]> {
  const { rows } = await owner.query<{ bytes: Buffer | null; message: Buffer | null }>(`
    SELECT payload AS bytes, NULL::bytea AS message FROM outbox WHERE family = 'mail'
    UNION ALL SELECT NULL, message FROM outbox_batch WHERE family = 'mail'`);
  return rows
    .flatMap(({ bytes, message }) =>
      bytes ? [bytes] : EventBatch.decode(message as Buffer).events.map(({ payload }) => payload),
    )
    .map((bytes) => MailMessage.decode(bytes))
    .filter(({ to }) => to === address)
    .sort((one, other) => (one.id < other.id ? -1 : 1));
}
