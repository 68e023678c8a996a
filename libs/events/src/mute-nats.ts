import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';

/** A NATS that takes everything and delivers nothing of its streams, until somebody deletes a consumer. */
export interface MuteNats {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Stands before a NATS server as that one stands before clients when its consumer came to be while another connection was still
 * making the stream: requests are answered, messages and heartbeats of the consumer go nowhere
 * (https://github.com/nats-io/nats-server/pull/4013; versions before 2.9.16).
 */
export async function startMuteNats(natsUrl: string): Promise<MuteNats> {
  const { hostname, port } = new URL(natsUrl);
  let mute = true;
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    const frames = new Frames();
    client.on('error', () => upstream.destroy()).on('close', () => upstream.destroy());
    upstream.on('error', () => client.destroy()).on('close', () => client.destroy());
    client.on('data', (data) => {
      if (data.includes('$JS.API.CONSUMER.DELETE.')) mute = false;
      upstream.write(data);
    });
    upstream.on('data', (data) => {
      for (const frame of frames.push(data)) if (!mute || !isOfConsumer(frame)) client.write(frame);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `nats://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}

/** What a pull consumer sends has headers: a message its id, a heartbeat its status. Answers of the API have none. */
function isOfConsumer(frame: Buffer): boolean {
  return frame.subarray(0, 5).toString() === 'HMSG ';
}

/** Cuts what a server sends into whole protocol messages (https://docs.nats.io/reference/reference-protocols/nats-protocol). */
class Frames {
  private rest = Buffer.alloc(0);

  push(data: Buffer): Buffer[] {
    this.rest = Buffer.concat([this.rest, data]);
    const frames: Buffer[] = [];
    for (let end = this.endOfFirst(); end !== undefined && end <= this.rest.length; end = this.endOfFirst()) {
      frames.push(this.rest.subarray(0, end));
      this.rest = this.rest.subarray(end);
    }
    return frames;
  }

  private endOfFirst(): number | undefined {
    const endOfLine = this.rest.indexOf('\r\n');
    if (endOfLine < 0) return undefined;
    const line = this.rest.subarray(0, endOfLine).toString();
    const payload = /^H?MSG /.test(line) ? Number(line.split(' ').at(-1)) + 2 : 0;
    return endOfLine + 2 + payload;
  }
}
