import { cursorOf } from '@oneclaw/database';

/** The last row of a page. */
export const EVENTS_CURSOR = cursorOf({ createdAtMicros: 'integer', position: 'integer' });

export interface EventFilter {
  actorId: string | undefined;
  action: string | undefined;
  /** Matches the resource's id, or the vault or path in the details. */
  resource: string | undefined;
  /** Both inclusive. */
  from: Date | undefined;
  to: Date | undefined;
}

export interface EventPage {
  limit: number;
  offset: number;
  after: { createdAtMicros: number; position: number } | undefined;
}

const RESOURCE_COLUMNS = ['resource_id', 'vault_id', 'path'];

/**
 * One page of an org's events, newest first. Each branch walks one index in order and stops early: an OR over three columns
 * would have Postgres collect and sort every match first.
 */
export function listEventsQuery(
  orgId: string,
  filter: EventFilter,
  page: EventPage,
): { text: string; values: unknown[] } {
  const values: unknown[] = [];
  const bind = (value: unknown) => `$${values.push(value)}`;
  const conditions = conditionsOf(orgId, filter, page, bind);
  const reach = bind(page.offset + page.limit);
  const branch = (condition: string[]) =>
    `SELECT created_at, position FROM events WHERE ${condition.join(' AND ')} ORDER BY created_at DESC, position DESC LIMIT ${reach}`;
  const resource = filter.resource === undefined ? undefined : bind(filter.resource);
  const keys =
    resource === undefined
      ? branch(conditions)
      : RESOURCE_COLUMNS.map(
          (column) => `(${branch([...conditions, `${column} = ${resource}`, ...indexCondition(column)])})`,
        ).join(' UNION ');
  const text = `
    SELECT e.id, e.org_id AS "orgId", e.position, e.actor_type AS "actorType", e.actor_id AS "actorId", e.action,
      e.resource_type AS "resourceType", e.resource_id AS "resourceId", e.details, e.ip_address AS "ipAddress",
      e.request_id AS "requestId", e.created_at AS "createdAt", e.prev_event_id AS "prevEventId",
      e.integrity_hash AS "integrityHash", (extract(epoch FROM e.created_at) * 1000000)::bigint AS "createdAtMicros"
    FROM (SELECT * FROM (${keys}) found ORDER BY created_at DESC, position DESC LIMIT ${bind(page.limit)} OFFSET ${bind(page.offset)}) page
    JOIN events e ON e.org_id = $1 AND e.position = page.position
    ORDER BY e.created_at DESC, e.position DESC`;
  return { text, values };
}

/** Lets the planner prove that the partial index holds every match. */
function indexCondition(column: string): string[] {
  return column === 'resource_id' ? [`resource_id <> ''`] : [];
}

function conditionsOf(orgId: string, filter: EventFilter, page: EventPage, bind: (value: unknown) => string): string[] {
  const conditions = [`org_id = ${bind(orgId)}`];
  if (filter.actorId !== undefined) conditions.push(`actor_id = ${bind(filter.actorId)}`);
  if (filter.action !== undefined) conditions.push(`action = ${bind(filter.action)}`);
  if (filter.from) conditions.push(`created_at >= ${bind(filter.from)}`);
  if (filter.to) conditions.push(`created_at <= ${bind(filter.to)}`);
  if (page.after) {
    const micros = bind(page.after.createdAtMicros);
    const time = `'epoch'::timestamptz + ${micros}::bigint * interval '1 microsecond'`;
    conditions.push(`(created_at, position) < (${time}, ${bind(page.after.position)})`);
  }
  return conditions;
}
