import { query, type Executor } from '@oneclaw/database';

const PAGE = `
  SELECT org_id AS "orgId" FROM chain_heads
  WHERE position > 0 AND ($1::uuid IS NULL OR org_id > $1) ORDER BY org_id LIMIT 500`;

/** Every org that has a chain, those that are gone too, and the platform's. */
export async function* orgsWithEvents(executor: Executor): AsyncGenerator<string> {
  let after: string | null = null;
  for (;;) {
    const page: { orgId: string }[] = await query<{ orgId: string }>(executor, PAGE, [after]);
    if (page.length === 0) return;
    for (const { orgId } of page) yield orgId;
    after = page.at(-1)!.orgId;
  }
}
