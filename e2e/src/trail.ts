import type { Api } from './client.js';
import { eventually } from './eventually.js';
import type { AuditEvent, AuditPage } from './types.js';

/** The trail lags behind what was answered by the way of the events over NATS. */
const LAG_MS = 15_000;

export async function eventsOf(api: Api, query = ''): Promise<AuditEvent[]> {
  return (await api.get(`/v1/audit/events?limit=1000${query}`)).as<AuditPage>(200).events;
}

/** Waits until an event of each kind that is asked for is in the trail; answers the whole trail, newest first. */
export async function trailWith(api: Api, ...wanted: ((event: AuditEvent) => boolean)[]): Promise<AuditEvent[]> {
  const { value } = await eventually('the events are in the trail', LAG_MS, async () => {
    const events = await eventsOf(api);
    return wanted.every((test) => events.some(test)) ? events : undefined;
  });
  return value;
}

export const denied = (event: AuditEvent): boolean => event.details['outcome'] === 'denied';

export const by =
  (action: string, actorId?: string) =>
  (event: AuditEvent): boolean =>
    event.action === action && (actorId === undefined || event.actor_id === actorId);

/** Oldest first, by following `prev_event_id`; throws where the chain of an org has a gap, a fork or a second start. */
export function inChainOrder(events: AuditEvent[]): AuditEvent[] {
  const next = new Map(events.map((event) => [event.prev_event_id ?? null, event]));
  if (next.size !== events.length) throw new Error('Two events follow the same one.');
  const chain: AuditEvent[] = [];
  for (let event = next.get(null); event; event = next.get(event.id)) chain.push(event);
  if (chain.length !== events.length) throw new Error(`Only ${chain.length} of ${events.length} events are linked.`);
  if (new Set(chain.map((event) => event.integrity_hash)).size !== chain.length)
    throw new Error('Two hashes are equal.');
  return chain;
}
