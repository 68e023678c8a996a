import type { ServiceName } from './services.js';
import { SERVICES } from './services.js';

/** Where one replica of a service listens, on loopback. */
export interface ReplicaPorts {
  admin: number;
  /** gRPC, or HTTP for the gateway. */
  main: number;
}

export interface EnvironmentInput {
  name: ServiceName;
  instance: string;
  host: string;
  ports: ReplicaPorts;
  /** gRPC ports of every replica of every service. */
  grpcPorts: Partial<Record<ServiceName, readonly number[]>>;
  files: {
    databaseUrl: string;
    natsUrl: string;
    pin: string;
    softhsmConf: string;
    /** The password of the first administrator. */
    adminPassword: string;
    tls: { ca: string; cert: string; key: string } | undefined;
  };
  pkcs11Module: string;
  publicUrl: string;
  smtpUrl: string | undefined;
}

export const TOKEN_LABEL = 'oneclaw';

/** Of the first owner of the platform's org. */
export const ADMIN_EMAIL = 'admin@oneclaw.localhost';

/** Where reads of secrets make most of their garbage. */
const HOT: readonly ServiceName[] = ['gateway', 'vault-svc'];

/**
 * How a service keeps its memory, for Node and for the C library (docs/performance.md). Left to itself V8 lets the heap grow to four times what lives
 * before it collects, and malloc keeps what it has once had.
 */
export function nodeArguments(name: ServiceName): readonly string[] {
  const [growth, semiSpace] = HOT.includes(name) ? [60, 4] : [40, 2];
  // The cache holds every script that was ever loaded; nothing here compiles one twice.
  return [`--heap-growing-percent=${growth}`, `--max-semi-space-size=${semiSpace}`, '--no-compilation-cache'];
}

const MALLOC = { MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: '131072', MALLOC_TRIM_THRESHOLD_: '524288' };

/** The environment of one replica, complete but for PATH. */
export function serviceEnvironment(input: EnvironmentInput): Record<string, string> {
  const { name, files, ports } = input;
  const service = SERVICES[name];
  const env: Record<string, string> = {
    ONECLAW_PROFILE: 'local',
    LOG_LEVEL: 'info',
    SERVICE_INSTANCE: input.instance,
    ...MALLOC,
    ADMIN_LISTEN: `127.0.0.1:${ports.admin}`,
    ...tls(files.tls),
  };
  if (service.http) env['HTTP_LISTEN'] = `${input.host}:${ports.main}`;
  else env['GRPC_LISTEN'] = `127.0.0.1:${ports.main}`;
  for (const callee of service.calls) env[urlVariable(callee)] = address(input.grpcPorts[callee] ?? []);
  if (service.database) env['DATABASE_URL_FILE'] = files.databaseUrl;
  if (service.events) env['NATS_URL_FILE'] = files.natsUrl;
  if (service.hsm) Object.assign(env, hsmEnvironment(input.pkcs11Module, files.pin, files.softhsmConf));
  if (service.mail && input.smtpUrl) env['SMTP_URL'] = input.smtpUrl;
  if (name === 'auth-svc') {
    env['PLATFORM_ADMIN_EMAIL'] = ADMIN_EMAIL;
    env['PLATFORM_ADMIN_PASSWORD_FILE'] = files.adminPassword;
  }
  if (service.http || name === 'auth-svc') {
    env['PUBLIC_URL'] = input.publicUrl;
    env['TOKEN_ISSUER'] = input.publicUrl;
    env['TOKEN_AUDIENCE'] = 'oneclaw';
  }
  return env;
}

/** For `npm run hsm`, with which an operator sees to the keys on the token and to what they wrap. */
export function operatorEnvironment({
  files,
  pkcs11Module,
  grpcPorts,
}: Pick<EnvironmentInput, 'pkcs11Module' | 'grpcPorts'> & {
  files: Pick<EnvironmentInput['files'], 'pin' | 'softhsmConf' | 'tls'>;
}): Record<string, string> {
  return {
    ONECLAW_PROFILE: 'local',
    ...hsmEnvironment(pkcs11Module, files.pin, files.softhsmConf),
    [urlVariable('vault-svc')]: address(grpcPorts['vault-svc'] ?? []),
    [urlVariable('auth-svc')]: address(grpcPorts['auth-svc'] ?? []),
    ...tls(files.tls),
  };
}

export function hsmEnvironment(module: string, pinFile: string, softhsmConf: string): Record<string, string> {
  return {
    PKCS11_MODULE: module,
    PKCS11_TOKEN_LABEL: TOKEN_LABEL,
    PKCS11_PIN_FILE: pinFile,
    SOFTHSM2_CONF: softhsmConf,
  };
}

/** One replica is dialled by name, several as a static list that the client balances over. */
function address(ports: readonly number[]): string {
  const addresses = ports.map((port) => `127.0.0.1:${port}`);
  return addresses.length === 1 ? `dns:///${addresses[0]}` : addresses.join(',');
}

function tls(files: EnvironmentInput['files']['tls']): Record<string, string> {
  if (!files) return { TLS_MODE: 'plaintext' };
  return { TLS_MODE: 'mtls', TLS_CA_FILE: files.ca, TLS_CERT_FILE: files.cert, TLS_KEY_FILE: files.key };
}

/** `vault-svc` → `VAULT_SVC_URL`. */
function urlVariable(name: ServiceName): string {
  return `${name.toUpperCase().replaceAll('-', '_')}_URL`;
}
