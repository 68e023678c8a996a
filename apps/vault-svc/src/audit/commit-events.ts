import { isDomainError, unavailable } from '@oneclaw/errors';
import { appendEvents, type OutboxEvent } from '@oneclaw/events';
import type { EntityManager } from 'typeorm';

/**
 * Puts events into the outbox: with a transaction's manager as part of it, else committed when this resolves. Whatever keeps them out
 * makes the operation fail as `unavailable`: nothing happens, and nothing is revealed, that the trail does not show.
 */
export async function commitEvents(manager: EntityManager, events: readonly OutboxEvent[]): Promise<void> {
  try {
    await appendEvents(manager, events);
  } catch (error) {
    if (isDomainError(error)) throw error;
    throw unavailable('The audit trail cannot be written at the moment. Try again shortly.', error);
  }
}
