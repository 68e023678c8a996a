import type { ServiceName } from './services.js';

export interface StackOptions {
  /** Where everything is kept. Without it: a temporary folder, gone when the stack stops. */
  stateDir?: string;
  /** A state folder made by `Stack.prepare`, copied when `stateDir` is still empty; saves creating everything anew. */
  template?: string;
  /** Fixed ports; all others are free ones. */
  ports?: { gateway?: number; mailWeb?: number; smtp?: number };
  /**
   * Another checkout of this repository, built: its services and its migrations run, until `ServiceProcess.runFrom` and `Stack.migrate`
   * say otherwise. Keys, roles and rights are this one's.
   */
  release?: string;
  /** Where the gateway listens; loopback unless told. */
  host?: string;
  /** How many of each service; 1 unless told, 0 leaves it out. */
  replicas?: Partial<Record<ServiceName, number>>;
  /** Services that somebody runs by hand, from their env files; they have addresses, and nobody waits for them. */
  byHand?: readonly ServiceName[];
  /** Mutual TLS between the services; plaintext on loopback unless told. */
  mtls?: boolean;
  /** More environment for a service, for all of them, or for Postgres; wins over what the stack sets. */
  env?: Partial<Record<ServiceName | 'all' | 'postgres', Record<string, string>>>;
  /**
   * The port on loopback that a service dials in the place of the right one: tests put a network of theirs between the two.
   * Asked once for every service and each replica of what it calls.
   */
  link?: (from: ServiceName, to: ServiceName | 'postgres' | 'nats', port: number) => Promise<number>;
  /** Whether to run the mail catcher. Default true. */
  mail?: boolean;
  /** Whether Postgres commits survive a power cut. Default false; `npm start` and the benchmark say true. */
  durable?: boolean;
  /** Starts services again that die. Default false. */
  supervise?: boolean;
  /** Gets each line that a process prints. */
  onLine?: (source: string, line: string) => void;
  /** Gets sentences for the person at the terminal, about things that happen while running. */
  notice?: (message: string) => void;
  /** Wraps each step of starting, to show progress. */
  step?: <T>(label: string, work: (detail: (text: string) => void) => Promise<T>) => Promise<T>;
}
