import { text as streamText } from 'node:stream/consumers';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

export interface CaughtMail {
  to: string[];
  /** The message as it came, with quoted-printable undone. */
  source: string;
}

/** How the server treats mails to an address; absent = takes them. */
export type Treatment = 'busy' | 'unknown' | 'hangs';

/** A mail server on loopback that takes every mail, except as told. No TLS, no login. */
export class FakeSmtp {
  readonly mails: CaughtMail[] = [];
  /** Every address that was tried, taken or not. */
  readonly recipientsSeen: string[] = [];
  readonly treatments = new Map<string, Treatment>();
  private readonly server: SMTPServer;
  private port = 0;

  private constructor() {
    this.server = this.create();
  }

  /** @param port any free one unless told */
  static async start(port = 0): Promise<FakeSmtp> {
    const smtp = new FakeSmtp();
    await smtp.listen(port);
    return smtp;
  }

  get url(): URL {
    return new URL(`smtp://127.0.0.1:${this.port}`);
  }

  mailsTo(address: string): CaughtMail[] {
    return this.mails.filter(({ to }) => to.includes(address));
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private create(): SMTPServer {
    return new SMTPServer({
      disabledCommands: ['STARTTLS', 'AUTH'],
      disableReverseLookup: true,
      logger: false,
      closeTimeout: 10,
      onRcptTo: ({ address }, _session, callback) => {
        this.recipientsSeen.push(address);
        const treatment = this.treatments.get(address);
        if (treatment === 'hangs') return;
        if (treatment === undefined) return callback();
        const responseCode = treatment === 'busy' ? 451 : 550;
        callback(Object.assign(new Error(`${treatment}: ${address}`), { responseCode }));
      },
      onData: (stream, { envelope }, callback) => {
        streamText(stream).then((raw) => {
          this.mails.push({ to: envelope.rcptTo.map(({ address }) => address), source: plain(raw) });
          callback();
        }, callback);
      },
    });
  }

  private async listen(port: number): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(port, '127.0.0.1', resolve));
    this.port = (this.server.server.address() as AddressInfo).port;
  }
}

function plain(quotedPrintable: string): string {
  const bytes = quotedPrintable
    .replaceAll('=\r\n', '')
    .replace(/=([0-9A-F]{2})/g, (_match, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8').replaceAll('\r\n', '\n');
}
