import { isDomainError, unavailable } from '@oneclaw/errors';
import { appendEvents, type OutboxEvent } from '@oneclaw/events';
import type { EntityManager } from 'typeorm';

/**
 * Appends events: in the transaction of `manager`, or committed when this resolves. Whatever keeps them out is `unavailable`: what
 * the trail does not show does not happen, and is not revealed.
 */
export async function commitEvents(manager: EntityManager, events: readonly OutboxEvent[]): Promise<void> {
  try {
    await appendEvents(manager, events);
  } catch (error) {
    if (isDomainError(error)) throw error;
    throw unavailable('The audit trail cannot be written at the moment. Try again shortly.', error);
  }
}
