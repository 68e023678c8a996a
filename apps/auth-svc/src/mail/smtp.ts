import { Inject, Injectable } from '@nestjs/common';
import { LOGGER, type Logger } from '@oneclaw/telemetry';
import nodemailer from 'nodemailer';
import { CONFIG, type AuthConfig } from '../config.js';
import type { MailKind } from './mail-kinds.js';
import type { RenderedMail } from './render-mail.js';

export interface OutgoingMail extends RenderedMail {
  /** The event's id: a mail that had to be sent twice is recognised by it. */
  id: string;
  kind: MailKind;
  to: string;
}

const CONNECT_TIMEOUT_MS = 10_000;
const SILENCE_TIMEOUT_MS = 20_000;

/** The mail server. A connection per mail: they are few, and nothing has to be kept alive. */
@Injectable()
export class Smtp {
  private readonly transport;
  private readonly from: { name: string; address: string };
  private readonly domain: string;

  constructor(@Inject(CONFIG) config: AuthConfig, @Inject(LOGGER) logger: Logger) {
    if (!config.SMTP_URL) logger.warn('no mail is sent: SMTP_URL is not set');
    this.domain = new URL(config.PUBLIC_URL).hostname;
    this.from = { name: config.MAIL_FROM_NAME, address: config.MAIL_FROM ?? `no-reply@${this.domain}` };
    this.transport = config.SMTP_URL && nodemailer.createTransport(transportOptions(config, config.SMTP_URL));
  }

  /** Resolves when the server has taken it. */
  async send({ id, kind, to, subject, text, html }: OutgoingMail, signal: AbortSignal): Promise<void> {
    if (!this.transport) throw new Error('no mail server is configured (SMTP_URL)');
    // The address as an object and in the envelope: nobody parses it, so it cannot be a list of several.
    await this.transport.sendMail({
      from: this.from,
      to: { name: '', address: to },
      envelope: { from: this.from.address, to: [to] },
      subject,
      text,
      html,
      messageId: `<${id}@${this.domain}>`,
      headers: { 'Auto-Submitted': 'auto-generated', 'X-OneClaw-Mail': kind },
      disableFileAccess: true,
      disableUrlAccess: true,
      signal,
    });
  }
}

/** Outside the local profile a mail never travels in the clear: it may hold a key. */
function transportOptions({ ONECLAW_PROFILE, SMTP_PASSWORD_FILE }: AuthConfig, url: URL) {
  const secure = url.protocol === 'smtps:';
  const user = decodeURIComponent(url.username);
  if (user !== '' && SMTP_PASSWORD_FILE === undefined) throw new Error('SMTP_PASSWORD_FILE is not set.');
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (secure ? 465 : 587) : Number(url.port),
    secure,
    requireTLS: !secure && ONECLAW_PROFILE === 'production',
    ...(user === '' ? {} : { auth: { user, pass: SMTP_PASSWORD_FILE as string } }),
    connectionTimeout: CONNECT_TIMEOUT_MS,
    greetingTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: SILENCE_TIMEOUT_MS,
    dnsTimeout: CONNECT_TIMEOUT_MS,
  };
}
