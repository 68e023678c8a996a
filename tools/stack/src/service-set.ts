import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { ROOT } from '../setup/root.mjs';
import type { ChildHost } from './child.js';
import { formatEnvFile } from './env-file.js';
import type { Infrastructure } from './infrastructure.js';
import { operatorEnvironment, serviceEnvironment, type ReplicaPorts } from './service-env.js';
import { programOf, ServiceProcess } from './service-process.js';
import { startOrder, type ServiceName } from './services.js';
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
    for (const [index, replica] of ports[name].entries()) {
      const instance = ports[name].length === 1 ? name : `${name}-${index}`;
      const env = {
        ...serviceEnvironment({
          name,
          instance,
          host: options.host ?? '127.0.0.1',
          ports: replica,
          grpcPorts: grpcPorts(ports),
          files: {
            databaseUrl: infrastructure.databaseUrlFile(name),
            natsUrl: infrastructure.natsUrlFile(name),
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
