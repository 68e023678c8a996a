export interface FixedPorts {
  gateway: number;
  mailWeb: number;
  smtp: number;
}
export function fixedPorts(env?: NodeJS.ProcessEnv): FixedPorts;
export function assertFixedPortsFree(ports: FixedPorts, host?: string): Promise<void>;
export function whyNot(port: number, host?: string): Promise<string | undefined>;
