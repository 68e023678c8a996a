import { Inject, Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { CONFIG, type AuthConfig } from '../config.js';
import { Sealer } from '../sealing/sealer.js';
import { MAIL_KINDS, type MailParams } from './mail-kinds.js';
import { checkParams, type CheckedMail, decodeMail } from './mail-message.js';
import { renderMail } from './render-mail.js';
import { Smtp } from './smtp.js';
import { contentOf } from './templates.js';

/** From a stored message to the mail server. Secrets exist in the clear from here on, and only while it is under way. */
@Injectable()
export class MailDelivery {
  private readonly publicUrl: string;

  constructor(
    private readonly sealer: Sealer,
    private readonly smtp: Smtp,
    @Inject(CONFIG) config: AuthConfig,
  ) {
    this.publicUrl = config.PUBLIC_URL;
  }

  async deliver(id: string, payload: Uint8Array, signal: AbortSignal): Promise<void> {
    const mail = decodeMail(payload, id);
    const params = { ...mail.params, ...(await this.openSecrets(mail)) } as MailParams<typeof mail.kind>;
    const { kind, to } = mail;
    await this.smtp.send({ id, kind, to, ...renderMail(contentOf(kind, params, this.publicUrl)) }, signal);
  }

  private async openSecrets({ id, kind, sealedParams }: CheckedMail): Promise<Record<string, string>> {
    if (!sealedParams) return {};
    const call = { requestId: randomUUID() };
    const plaintext = await this.sealer.open({ purpose: 'mail-params', ownerId: id }, sealedParams, call);
    try {
      const secrets = JSON.parse(plaintext.toString('utf8')) as Record<string, string>;
      checkParams(MAIL_KINDS[kind].secretParams, secrets);
      return secrets;
    } finally {
      plaintext.fill(0);
    }
  }
}
