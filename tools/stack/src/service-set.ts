import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { ROOT } from '../setup/root.mjs';
import type { ChildHost } from './child.js';
import { formatEnvFile } from './env-file.js';
import type { Infrastructure } from './infrastructure.js';
import { operatorEnvironment, serviceEnvironment, type ReplicaPorts } from './service-env.js';
import { programOf, ServiceProcess } from './service-process.js';
import { SERVICES, startOrder, type ServiceName } from './services.js';
import type { StackOptions } from './stack-options.js';
import { ADMIN_PASSWORD, type StateFolder } from './state-folder.js';

const GRACE_MS = 15_000;

type Ports = Record<ServiceName, readonly ReplicaPorts[]>;

/** The processes of all services, callees first; none is started yet. */
export async function createServices(
  options: StackOptions,
  infrastructure: Infrastructure,
  ports: Ports,
  host: ChildHost,
): Promise<ServiceProcess[]> {
  const processes: ServiceProcess[] = [];
  for (const name of startOrder()) {
    const tls = await infrastructure.tlsFiles(name);
    const linked = await links(options, infrastructure, ports, name);
    for (const [index, replica] of ports[name].entries()) {
      const instance = ports[name].length === 1 ? name : `${name}-${index}`;
      const env = {
        ...serviceEnvironment({
          name,
          instance,
          host: options.host ?? '127.0.0.1',
          ports: replica,
          grpcPorts: linked.grpcPorts,
          files: {
            databaseUrl: linked.databaseUrl,
            natsUrl: linked.natsUrl,
            pin: infrastructure.token.pinFile,
            softhsmConf: infrastructure.token.confFile,
            adminPassword: infrastructure.state.password(ADMIN_PASSWORD).file,
            tls,
          },
          pkcs11Module: infrastructure.token.module,
          publicUrl: `http://localhost:${ports.gateway[0]?.main}`,
          smtpUrl: infrastructure.mail?.smtpUrl,
        }),
        ...options.env?.all,
        ...options.env?.[name],
        ...localSettings(infrastructure.state, name),
      };
      // For running one of them by hand: see the README of this package.
      infrastructure.state.writePrivate(['env', `${instance}.env`], formatEnvFile(env));
      processes.push(
        new ServiceProcess(
          name,
          replica,
          {
            name: instance,
            ...programOf(name, options.release ?? ROOT),
            env: { PATH: process.env['PATH'], ...env },
            stopSignal: 'SIGTERM',
            graceMs: GRACE_MS,
          },
          host,
          options.supervise ? { notice: options.notice ?? (() => undefined) } : undefined,
        ),
      );
    }
  }
  await writeOperatorEnvironment(infrastructure, ports);
  return processes;
}

interface Links {
  grpcPorts: Partial<Record<ServiceName, readonly number[]>>;
  databaseUrl: string;
  natsUrl: string;
}

/** Where a service finds the others, Postgres and NATS: there itself, or where a test has it dial. */
async function links(
  { link }: StackOptions,
  infrastructure: Infrastructure,
  ports: Ports,
  name: ServiceName,
): Promise<Links> {
  const direct = grpcPorts(ports);
  const databaseUrl = infrastructure.databaseUrlFile(name);
  const natsUrl = infrastructure.natsUrlFile(name);
  if (!link) return { grpcPorts: direct, databaseUrl, natsUrl };
  const { calls, database, events } = SERVICES[name];
  const linked: Partial<Record<ServiceName, readonly number[]>> = {};
  for (const callee of calls)
    linked[callee] = await Promise.all((direct[callee] ?? []).map((port) => link(name, callee, port)));
  const urlFile = async (file: string, to: 'postgres' | 'nats'): Promise<string> => {
    const url = new URL(readFileSync(file, 'utf8'));
    url.port = String(await link(name, to, Number(url.port)));
    return infrastructure.state.writePrivate(['secrets', `${path.basename(file)}.linked`], url.toString());
  };
  return {
    grpcPorts: linked,
    databaseUrl: database ? await urlFile(databaseUrl, 'postgres') : databaseUrl,
    natsUrl: events ? await urlFile(natsUrl, 'nats') : natsUrl,
  };
}

async function writeOperatorEnvironment(infrastructure: Infrastructure, ports: Ports): Promise<void> {
  const { state, token } = infrastructure;
  const tls = await infrastructure.tlsFiles('operator');
  const files = { pin: token.pinFile, softhsmConf: token.confFile, tls };
  const env = operatorEnvironment({ files, pkcs11Module: token.module, grpcPorts: grpcPorts(ports) });
  state.writePrivate(['env', 'operator.env'], formatEnvFile(env));
}

/** What a person wants otherwise on this machine, in `local/<service>.env` of the state folder. */
function localSettings(state: StateFolder, name: ServiceName): Record<string, string> {
  const file = state.at('local', `${name}.env`);
  return existsSync(file) ? (parseEnv(readFileSync(file, 'utf8')) as Record<string, string>) : {};
}

function grpcPorts(ports: Ports): Partial<Record<ServiceName, readonly number[]>> {
  return Object.fromEntries(
    Object.entries(ports).map(([name, replicas]) => [name, replicas.map((replica) => replica.main)]),
  );
}
