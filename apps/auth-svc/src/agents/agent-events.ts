import type { Caller } from '@oneclaw/caller';
import { auditEvent, type OutboxEvent } from '@oneclaw/events';
import type { CallContext } from '@oneclaw/rpc';
import { actorOf, originOf } from '../audit/audit-trail.js';
import type { Agent } from './agent.entity.js';

/** What somebody did with an agent. */
export function agentEvent(
  action: 'agent.register' | 'agent.rotate_key' | 'agent.deactivate',
  caller: Caller,
  call: CallContext,
  agent: Pick<Agent, 'id' | 'name' | 'authMethod'>,
): OutboxEvent {
  return auditEvent({
    ...actorOf(caller),
    action,
    resourceType: 'agent',
    resourceId: agent.id,
    details: { name: agent.name, auth_method: agent.authMethod },
    ...originOf(call),
  });
}
