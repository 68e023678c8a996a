import { eventually } from './eventually.js';

/** A mail as the mail catcher shows it. */
export interface Mail {
  subject: string;
  text: string;
  html: string;
  from: { address: string; name: string }[];
  to: { address: string }[];
}

/** Mails come by way of the outbox, NATS and SMTP. */
const DELIVERY_MS = 20_000;

/** All that the catcher of the shared stack, or of another one, has for an address; oldest first. */
export async function mailsTo(address: string, catcher = sharedCatcher()): Promise<Mail[]> {
  const query = new URLSearchParams({ 'to.address': address.trim().toLowerCase() });
  const response = await fetch(`${catcher}?${query}`);
  if (!response.ok) throw new Error(`the mail catcher answered ${response.status}`);
  return (await response.json()) as Mail[];
}

/** Waits for the mail with this subject. */
export async function mailTo(address: string, subject: RegExp, catcher = sharedCatcher()): Promise<Mail> {
  const { value } = await eventually(`a mail to ${address} with the subject ${subject}`, DELIVERY_MS, async () =>
    (await mailsTo(address, catcher)).find((mail) => subject.test(mail.subject)),
  );
  return value;
}

/** The token of the link in a welcome mail. */
export async function verificationToken(address: string, catcher = sharedCatcher()): Promise<string> {
  const { text } = await mailTo(address, /^Confirm your email address$/, catcher);
  const [, token] = /\/verify-email#token=([\w-]+)/.exec(text) ?? [];
  if (!token) throw new Error(`no link in the mail: ${text}`);
  return token;
}

/** The token of the newest invitation that was mailed to an address; of as many as there should be by then. */
export async function invitationToken(address: string, mails = 1, catcher = sharedCatcher()): Promise<string> {
  const { value } = await eventually(`invitation number ${mails} of ${address}`, DELIVERY_MS, async () => {
    const invitations = (await mailsTo(address, catcher)).filter(({ subject }) => /invited/.test(subject));
    return invitations.length >= mails ? invitations.at(-1)?.text : undefined;
  });
  const [, token] = /Invitation token: ([\w-]+)/.exec(value) ?? [];
  if (!token) throw new Error(`no token in the mail: ${value}`);
  return token;
}

function sharedCatcher(): string {
  const url = process.env['E2E_MAIL_URL'];
  if (!url) throw new Error('E2E_MAIL_URL is not set: run the suites as `npm test -- e2e`.');
  return url;
}
