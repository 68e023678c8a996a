import type { Caller } from '@oneclaw/caller';
import { auditEvent, type OutboxEvent } from '@oneclaw/events';
import type { CallContext } from '@oneclaw/rpc';
import { actorOf, originOf } from '../audit/audit-trail.js';
import type { Agent } from './agent.entity.js';

type AgentAction =
  'agent.register' | 'agent.update' | 'agent.rotate_key' | 'agent.rotate_identity_keys' | 'agent.deactivate';

/** What somebody did with an agent. */
export function agentEvent(
  action: AgentAction,
  caller: Caller,
  call: CallContext,
  agent: Pick<Agent, 'id' | 'name' | 'authMethod'>,
  more: Record<string, unknown> = {},
): OutboxEvent {
  return auditEvent({
    ...actorOf(caller),
    action,
    resourceType: 'agent',
    resourceId: agent.id,
    details: { name: agent.name, auth_method: agent.authMethod, ...more },
    ...originOf(call),
  });
}
