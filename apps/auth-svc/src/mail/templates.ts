import { facts, link, type MailContent, paragraph, quoted, readableTime } from './mail-content.js';
import type { MailKind, MailParams } from './mail-kinds.js';

type Template<K extends MailKind> = (params: MailParams<K>, publicUrl: string) => MailContent;

/** What each mail says. Names and texts that people chose are quoted; a mail to an address that nobody has verified repeats none. */
const TEMPLATES: { [K in MailKind]: Template<K> } = {
  welcome: ({ verification_url }) => ({
    subject: 'Confirm your email address',
    blocks: [
      paragraph('Welcome to OneClaw. An account was opened with this address. Confirm that it is yours:'),
      link('Confirm the address', verification_url),
      paragraph('The link works once, within 24 hours. If you did not open an account, ignore this mail.'),
    ],
  }),

  password_changed: ({ changed_at, ip_address }) => ({
    subject: 'Your password was changed',
    blocks: [
      paragraph('The password of your OneClaw account was changed. All other sessions have ended.'),
      facts(['Time', readableTime(changed_at)], ['From address', quoted(ip_address)]),
      paragraph('If this was not you, tell an owner of your organisation at once: somebody else knows your password.'),
    ],
  }),

  api_key_created: ({ name, key_prefix, created_at, ip_address }) => ({
    subject: 'A personal API key was created',
    blocks: [
      paragraph(
        'A personal API key was created for your OneClaw account. It can do what you can do, within its scopes.',
      ),
      facts(
        ['Name', quoted(name)],
        ['Begins with', quoted(key_prefix)],
        ['Time', readableTime(created_at)],
        ['From address', quoted(ip_address)],
      ),
      paragraph('If this was not you, revoke the key and change your password.'),
    ],
  }),

  agent_enrolled: ({ agent_id, name, description, api_key }, publicUrl) => ({
    subject: 'An agent asks to work for you',
    blocks: [
      paragraph('An agent has enrolled itself under your address. It can do nothing until you hand it the key below.'),
      facts(
        ['Name it gave', quoted(name, 100)],
        ['Description it gave', quoted(description, 300)],
        ['Agent id', agent_id],
        ['API key', api_key],
        ['Server', publicUrl],
      ),
      paragraph('This is the only copy of the key. An enrolled agent that is not used expires after 7 days.'),
      paragraph('If you do not expect an agent, ignore this mail and give the key to nobody.'),
    ],
  }),

  org_invitation: ({ org_name, invited_by, role, expires_at, invite_token }, publicUrl) => ({
    subject: `You are invited to ${quoted(org_name, 60)}`,
    blocks: [
      paragraph(`${quoted(invited_by)} invites you to an organisation on OneClaw.`),
      facts(['Organisation', quoted(org_name)], ['Role', quoted(role)], ['Server', publicUrl]),
      paragraph('To join, sign up with this address and the invitation token:'),
      facts(['Invitation token', invite_token], ['Valid until', readableTime(expires_at)]),
      paragraph(
        'If you have an account with this address already: confirm the address if you have not, and log in. You join if you are alone in an organisation without vaults and agents, which then ends.',
      ),
      paragraph('If you do not know who invites you, ignore this mail.'),
    ],
  }),

  share_invitation: ({ shared_by, share_id, expires_at }, publicUrl) => ({
    subject: 'A secret was shared with you',
    blocks: [
      paragraph(`${quoted(shared_by)} has shared a secret with you.`),
      link('Open the share', new URL(`/v1/share/${encodeURIComponent(share_id)}`, publicUrl).href),
      facts(['Share', quoted(share_id)], ['Available until', readableTime(expires_at)]),
      paragraph(
        'You need a OneClaw account whose address, this one, is confirmed. Accept the share there, then open it.',
      ),
    ],
  }),

  share_accessed: ({ path, accessed_by, accessed_at, ip_address, accesses }) => ({
    subject: 'A secret that you shared was opened',
    blocks: [
      paragraph('A secret that you shared was opened.'),
      facts(
        ['Secret', quoted(path)],
        ['By', quoted(accessed_by)],
        ['Time', readableTime(accessed_at)],
        ['From address', quoted(ip_address)],
        ['Opened so far', quoted(accesses)],
      ),
      paragraph('If you did not expect this, revoke the share and change the secret.'),
    ],
  }),

  credit_expiry: ({ amount_usd, expires_at }) => ({
    subject: 'Some of your credits expire soon',
    blocks: [
      paragraph('Prepaid credits of your organisation expire soon. Use them before, or they are gone.'),
      facts(['Amount', `$${quoted(amount_usd)}`], ['Expires', readableTime(expires_at)]),
    ],
  }),
};

/** @param params both sorts together, complete for the kind */
export function contentOf<K extends MailKind>(kind: K, params: MailParams<K>, publicUrl: string): MailContent {
  return TEMPLATES[kind](params, publicUrl);
}
