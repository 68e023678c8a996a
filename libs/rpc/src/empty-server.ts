import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';

/** Answers every call with an empty message, after refusing the first ones unseen, as one does whose connection has reached its maximum age. */
export class EmptyServer {
  calls = 0;
  connections = 0;
  private readonly server = http2.createServer();
  private readonly sessions = new Set<http2.ServerHttp2Session>();

  constructor(private refusals = 0) {
    this.server.on('session', (session) => {
      this.connections += 1;
      this.sessions.add(session);
    });
    this.server.on('stream', (stream) => {
      this.calls += 1;
      stream.on('error', () => undefined);
      if (this.refusals-- > 0) return stream.close(http2.constants.NGHTTP2_REFUSED_STREAM);
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      // An empty message: no compression, no bytes.
      stream.end(Buffer.alloc(5));
    });
  }

  /** @returns host:port */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server.close();
    for (const session of this.sessions) session.destroy();
  }
}
