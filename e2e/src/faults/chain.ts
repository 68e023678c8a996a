import { exportOf, judge } from '../audit-verifier.js';
import type { Api } from '../client.js';

/** An event as an auditor gets it. */
export interface ExportedEvent {
  id: string;
  action: string;
  request_id: string;
  details_json: string;
}

export interface Chain {
  orgId: string;
  events: ExportedEvent[];
  /** What the offline verifier says of a chain that is not whole. */
  broken?: string;
}

/** Whole; and whole as far as nobody has vouched for its latest events yet. */
const WHOLE = [0, 3];

/** The auditor's copy of an org's trail, held against its hashes and the signed checkpoints in it. */
export async function chainOf(orgId: string, api: Api): Promise<Chain> {
  const exported = await exportOf(api);
  const keys = await api.get('/.well-known/audit-checkpoint-keys.json');
  const { exitCode, said } = await judge(exported, keys.text);
  const lines = exported.split('\n').filter((line) => line.startsWith('{"type":"event"'));
  return {
    orgId,
    events: lines.map((line) => JSON.parse(line) as ExportedEvent),
    ...(exitCode !== null && WHOLE.includes(exitCode) ? {} : { broken: said }),
  };
}
