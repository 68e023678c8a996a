import { readFileSync } from 'node:fs';
import http2 from 'node:http2';
import { isDomainError } from '@oneclaw/errors';
import { createRpcClient, RpcChannel, transportSecurity, type ServiceDefinition } from '@oneclaw/rpc';
import { DevCa, type ServiceName, type Stack, type TlsFiles } from '@oneclaw/stack';

const TIMEOUT_MS = 2000;

/** The certificate of a service, or of anybody by name, from an authority; that of the stack unless told. */
export async function certificateOf(stack: Stack, name: string, ca = stack.state.at('tls')): Promise<TlsFiles> {
  return (await DevCa.open(ca)).issue(name);
}

export interface Dialling {
  stack: Stack;
  /** The service whose port is dialled. */
  port: ServiceName;
  /** The name that its certificate must bear; that of `port` unless told. */
  target?: ServiceName;
  /** What the client calls itself. */
  self: string;
  /** Absent: plaintext. */
  files?: TlsFiles;
}

export function channelTo({ stack, port, target = port, self, files }: Dialling): RpcChannel {
  const tls = files
    ? ({ TLS_MODE: 'mtls', TLS_CA_FILE: files.ca, TLS_CERT_FILE: files.cert, TLS_KEY_FILE: files.key } as const)
    : ({ TLS_MODE: 'plaintext' } as const);
  const config = {
    ONECLAW_PROFILE: 'local',
    LOG_LEVEL: 'silent',
    ADMIN_LISTEN: { host: '127.0.0.1', port: 0 },
  } as const;
  const url = `127.0.0.1:${stack.service(port).ports.main}`;
  return new RpcChannel({
    self,
    target,
    url,
    security: transportSecurity({ ...config, ...tls }),
    timeoutMs: TIMEOUT_MS,
  });
}

/** gRPC's UNIMPLEMENTED: a proto service that nobody serves yet. */
const UNIMPLEMENTED = 12;

/** What a call comes to: "ok", "unimplemented", or the code of its error. */
export async function outcomeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'ok';
  } catch (error) {
    if (!isDomainError(error)) return `no domain error: ${String(error)}`;
    return (error.cause as { code?: number } | undefined)?.code === UNIMPLEMENTED ? 'unimplemented' : error.code;
  }
}

/** Calls the first method of a proto service with an empty request. */
export function knock(definition: ServiceDefinition, channel: RpcChannel): Promise<string> {
  const [method = ''] = Object.keys(definition.methods);
  const client = createRpcClient(definition, channel) as Record<string, (...args: object[]) => Promise<unknown>>;
  return outcomeOf(client[method]?.({}, { requestId: 'knock' }) ?? Promise.reject(new Error('no methods')));
}

/** Whether an HTTP/2 server behind TLS answers a request of a client that shows this certificate, or none. */
export function answersOverTls(port: number, files: { ca: string; cert?: string; key?: string }): Promise<boolean> {
  const read = (file: string | undefined): Buffer | undefined => (file === undefined ? undefined : readFileSync(file));
  return new Promise((resolve) => {
    const options = { ca: read(files.ca), cert: read(files.cert), key: read(files.key), servername: 'localhost' };
    const session = http2.connect(`https://127.0.0.1:${port}`, options);
    const finish = (answered: boolean): void => {
      resolve(answered);
      session.destroy();
    };
    session.on('error', () => finish(false));
    session.on('close', () => finish(false));
    const request = session.request({
      ':method': 'POST',
      ':path': '/grpc.health.v1.Health/Check',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    request.on('error', () => finish(false));
    request.on('response', () => finish(true));
    request.end(Buffer.alloc(5));
  });
}
