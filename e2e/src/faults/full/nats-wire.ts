import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import type { ServiceName, Stack } from '@oneclaw/stack';

const CRLF = '\r\n';
const HEAD = /^(H?PUB|H?MSG) .*$/i;

interface StreamConfig {
  max_bytes: number;
}

/** The few words of NATS's protocol that saboteurs need, spoken as one of the services (docs.nats.io, client protocol). */
export class NatsWire {
  private readonly frames = new FrameReader();
  private readonly waiting = new Map<string, (payload: Buffer) => void>();

  private constructor(
    private readonly socket: Socket,
    private readonly inbox: string,
  ) {
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      for (const frame of this.frames.push(data)) this.hear(frame);
    });
  }

  static async connect(stack: Stack, as: ServiceName): Promise<NatsWire> {
    const url = new URL(readFileSync(stack.state.at('secrets', `${as}.nats-url`), 'utf8'));
    const socket = connect(Number(url.port), url.hostname);
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    const wire = new NatsWire(socket, `_INBOX.${as}.${randomUUID()}`);
    const credentials = { user: url.username, pass: url.password, verbose: false, protocol: 1 };
    socket.write(`CONNECT ${JSON.stringify(credentials)}${CRLF}SUB ${wire.inbox}.* 1${CRLF}`);
    return wire;
  }

  publish(subject: string, payload: Buffer, reply = ''): void {
    this.socket.write(
      Buffer.concat([Buffer.from(`PUB ${subject} ${reply} ${payload.length}${CRLF}`), payload, Buffer.from(CRLF)]),
    );
  }

  /** Answers the configuration as it was. */
  async resizeStream(stream: string, maxBytes: number): Promise<StreamConfig> {
    const { config } = await this.ask<{ config: StreamConfig }>(`$JS.API.STREAM.INFO.${stream}`, {});
    await this.ask(`$JS.API.STREAM.UPDATE.${stream}`, { ...config, max_bytes: maxBytes });
    return config;
  }

  close(): void {
    this.socket.end();
  }

  private async ask<T>(subject: string, body: object): Promise<T> {
    const reply = `${this.inbox}.${randomUUID()}`;
    const answer = new Promise<Buffer>((resolve) => this.waiting.set(reply, resolve));
    this.publish(subject, Buffer.from(JSON.stringify(body)), reply);
    const said = JSON.parse((await answer).toString()) as T & { error?: { description: string } };
    if (said.error) throw new Error(`${subject}: ${said.error.description}`);
    return said;
  }

  private hear(frame: Buffer): void {
    const head = frame.subarray(0, frame.indexOf(CRLF)).toString();
    if (head.startsWith('PING')) this.socket.write(`PONG${CRLF}`);
    const [verb, subject = ''] = head.split(' ');
    if (verb !== 'MSG') return;
    this.waiting.get(subject)?.(frame.subarray(head.length + CRLF.length, -CRLF.length));
    this.waiting.delete(subject);
  }
}

/** Cuts a stream of the protocol into its frames, each with its line, its payload and what ends them. */
export class FrameReader {
  private rest: Buffer = Buffer.alloc(0);

  push(data: Buffer): Buffer[] {
    this.rest = Buffer.concat([this.rest, data]);
    const frames: Buffer[] = [];
    for (let length = this.next(); length > 0; length = this.next()) {
      frames.push(this.rest.subarray(0, length));
      this.rest = this.rest.subarray(length);
    }
    return frames;
  }

  /** Bytes of the first frame, 0 while it is not whole. */
  private next(): number {
    const end = this.rest.indexOf(CRLF);
    if (end < 0) return 0;
    const head = this.rest.subarray(0, end).toString();
    const payload = HEAD.test(head) ? Number(head.split(' ').at(-1)) + CRLF.length : 0;
    const length = end + CRLF.length + payload;
    return this.rest.length >= length ? length : 0;
  }
}

/**
 * Publishes every event twice, under another id the second time, and every third one only behind the next: which may be
 * itself, when its producer tires of waiting.
 */
export function confuseEvents(): (request: Buffer) => Buffer {
  const frames = new FrameReader();
  let held: Buffer | undefined;
  let count = 0;
  return (data) =>
    Buffer.concat(
      frames.push(data).flatMap((frame) => {
        if (!isEvent(frame)) return [frame];
        count += 1;
        if (count % 3 === 0 && !held) {
          held = frame;
          return [];
        }
        const out = [frame, underAnotherId(frame), ...(held ? [held, underAnotherId(held)] : [])];
        held = undefined;
        return out;
      }),
    );
}

function isEvent(frame: Buffer): boolean {
  return /^HPUB (audit|identity|mail)\.v1\./.test(frame.subarray(0, 40).toString('latin1'));
}

/** The broker would notice the same id within two minutes; a replay later than that it would not. */
function underAnotherId(frame: Buffer): Buffer {
  const copy = Buffer.from(frame);
  const name = 'Nats-Msg-Id: ';
  const at = copy.indexOf(name);
  if (at < 0) return copy;
  copy[at + name.length] = copy[at + name.length] === 0x61 ? 0x62 : 0x61;
  return copy;
}
