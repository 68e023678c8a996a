import { MailMessage } from '@oneclaw/contracts/events';
import { isMailKind, MAIL_KINDS, type MailKind } from './mail-kinds.js';

export type CheckedMail = MailMessage & { kind: MailKind };

/** Throws, saying what is wrong, on what no template could make a mail of. */
export function decodeMail(payload: Uint8Array, id: string): CheckedMail {
  const message = MailMessage.decode(payload);
  const { kind, params, to, sealedParams } = message;
  if (message.id !== id) throw new Error('the mail has another id than its event');
  if (!isMailKind(kind)) throw new Error(`there is no mail of kind ${kind}`);
  if (to === '') throw new Error('the mail has no address');
  checkParams(MAIL_KINDS[kind].params, params);
  if (MAIL_KINDS[kind].secretParams.length > 0 && !sealedParams)
    throw new Error(`a mail of kind ${kind} without its secrets`);
  return { ...message, kind };
}

export function checkParams(names: readonly string[], params: Readonly<Record<string, unknown>>): void {
  const missing = names.filter((name) => typeof params[name] !== 'string');
  if (missing.length > 0) throw new Error(`the mail lacks ${missing.join(', ')}`);
}
