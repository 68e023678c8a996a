import { AgentAccess } from './agent-access.service.js';
import { AgentCountsRepository } from './agent-counts.repository.js';
import { AgentCredentialsService } from './agent-credentials.service.js';
import { AgentGrants } from './agent-grants.js';
import { AgentKeyFinder } from './agent-key-finder.js';
import { AgentKeyVault } from './agent-key-vault.js';
import { AgentKeysRepository } from './agent-keys.repository.js';
import { AgentLimits } from './agent-limits.js';
import { AgentLoginGrpc } from './agent-login.grpc.js';
import { AgentLoginService } from './agent-login.service.js';
import { AgentLoginsRepository } from './agent-logins.repository.js';
import { AgentSessions } from './agent-sessions.js';
import { AgentTokensGrpc } from './agent-tokens.grpc.js';
import { AgentTokensService } from './agent-tokens.service.js';
import { AgentsGrpc } from './agents.grpc.js';
import { AgentsRepository } from './agents.repository.js';
import { AgentsService } from './agents.service.js';
import { CreateAgentService } from './create-agent.service.js';
import { IdentityKeysService } from './identity-keys.service.js';
import { KeyMaker } from './key-maker.js';
import { UpdateAgentService } from './update-agent.service.js';

export const agentControllers = [AgentTokensGrpc, AgentLoginGrpc, AgentsGrpc];

export const agents = [
  AgentsRepository,
  AgentCountsRepository,
  AgentLimits,
  AgentKeysRepository,
  AgentLoginsRepository,
  AgentAccess,
  AgentsService,
  CreateAgentService,
  UpdateAgentService,
  IdentityKeysService,
  AgentCredentialsService,
  AgentTokensService,
  AgentLoginService,
  AgentSessions,
  AgentKeyFinder,
  AgentGrants,
  AgentKeyVault,
  KeyMaker,
];
