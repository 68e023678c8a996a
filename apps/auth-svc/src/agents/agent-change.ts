import { CreateAgentRequest, type UpdateAgentRequest } from '@oneclaw/contracts/auth';
import { AGENT_FIELDS } from './agent-fields.js';
import { checked, type SettingsRules, settingsOf } from './agent-settings.js';
import type { Agent, AgentSettings } from './agent.entity.js';

/** What somebody wants to be different about an agent. */
export interface AgentChange {
  settings: Partial<AgentSettings>;
  isActive: boolean | undefined;
  /** Names of the API, for the trail. */
  fields: string[];
}

/** An agent as it shall be. */
export interface ChangedAgent extends AgentSettings {
  isActive: boolean;
  /** It was active, and is not to be any more; or the other way round. */
  deactivated: boolean;
  activated: boolean;
  /** Whether tokens made so far prove nothing any more. */
  credentialsChanged: boolean;
}

/** Of each method what an agent proves itself by; keys are replaced elsewhere. */
const CREDENTIALS = {
  api_key: [],
  mtls: ['clientCertFingerprint'],
  oidc_client_credentials: ['oidcIssuer', 'oidcClientId'],
} as const satisfies Record<Agent['authMethod'], readonly (keyof AgentSettings)[]>;

/** Only what is named counts; the way in which an agent authenticates is for life. */
export function changeOf({ fields, settings, isActive }: UpdateAgentRequest): AgentChange {
  const named = new Set(fields);
  const all = Object.entries(settingsOf(settings ?? CreateAgentRequest.fromPartial({})));
  const wanted = all.filter(
    ([property]) => property !== 'authMethod' && named.has(AGENT_FIELDS[property as keyof AgentSettings].name),
  );
  const names = wanted.map(([property]) => AGENT_FIELDS[property as keyof AgentSettings].name);
  return {
    settings: Object.fromEntries(wanted) as Partial<AgentSettings>,
    isActive,
    fields: isActive === undefined ? names : [...names, 'is_active'],
  };
}

/** The whole of it is checked again: what is cleared may be what its method needs. Throws `invalid_argument`. */
export function applied(change: AgentChange, agent: Agent, rules: SettingsRules): ChangedAgent {
  const settings = checked({ ...pickSettings(agent), ...change.settings }, rules);
  const isActive = change.isActive ?? agent.isActive;
  const deactivated = agent.isActive && !isActive;
  const replaced = CREDENTIALS[agent.authMethod].some((property) => settings[property] !== agent[property]);
  return {
    ...settings,
    isActive,
    deactivated,
    activated: !agent.isActive && isActive,
    credentialsChanged: deactivated || replaced,
  };
}

function pickSettings(agent: Agent): AgentSettings {
  const properties = Object.keys(AGENT_FIELDS) as (keyof AgentSettings)[];
  return Object.fromEntries(properties.map((property) => [property, agent[property]])) as unknown as AgentSettings;
}
