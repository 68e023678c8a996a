import { randomUUID } from 'node:crypto';
import type { Caller } from '@oneclaw/caller';
import {
  AccountServiceDefinition,
  AgentServiceDefinition,
  AgentTokenServiceDefinition,
  DeviceDecisionServiceDefinition,
  DeviceLoginServiceDefinition,
  DirectoryServiceDefinition,
  type IpRuleFacts,
  PlatformStateServiceDefinition,
  type Refusal,
  type ResolveResult,
  SessionServiceDefinition,
} from '@oneclaw/contracts/auth';
import type { Service } from '@oneclaw/rpc';
import { type Handlers, type StubPart, part, startStub } from './stub-service.js';
import { TestSigner } from './test-signer.js';

export interface TestCaller {
  caller: Caller;
  token: string;
}

/** In place of auth-svc: sessions are a map, and what else is asked each test answers itself. */
export class StubAuth {
  readonly signer = new TestSigner();
  readonly callers = new Map<string, Caller>();
  readonly refusals: Refusal[] = [];
  ipRules: IpRuleFacts[] = [];
  /** How many tokens were resolved. */
  resolved = 0;
  /** How long what is said of a caller holds. */
  assertionMs = 60_000;
  /** Runs before an answer leaves, for tests of what happens meanwhile. */
  beforeResolve: () => Promise<void> = () => Promise.resolve();
  readonly accounts: Handlers<typeof AccountServiceDefinition> = {};
  readonly agentTokens: Handlers<typeof AgentTokenServiceDefinition> = {};
  readonly agents: Handlers<typeof AgentServiceDefinition> = {};
  readonly devices: Handlers<typeof DeviceLoginServiceDefinition> = {};
  readonly deviceDecisions: Handlers<typeof DeviceDecisionServiceDefinition> = {};
  readonly directory: Handlers<typeof DirectoryServiceDefinition> = {};
  maintenance = false;
  readonly platformState: Handlers<typeof PlatformStateServiceDefinition> = {
    getPlatformState: async () => ({ maintenance: this.maintenance, requireSimulation: false }),
  };
  readonly sessions: Handlers<typeof SessionServiceDefinition> = {
    listSigningKeys: async () => ({ keys: [{ ...this.signer.verificationKey, current: true }] }),
    resolveCallers: async ({ tokens }) => {
      const results = await Promise.all(tokens.map((token) => this.resolve(token)));
      await this.beforeResolve();
      return { results, ipRules: this.ipRules };
    },
    recordRefusals: async ({ refusals }) => {
      this.refusals.push(...refusals);
      return {};
    },
    revokeToken: async ({ token }) => {
      this.callers.delete(token);
      return {};
    },
  };

  async start(): Promise<Service> {
    return startStub('auth-svc', this.signer, this.parts());
  }

  /** Somebody whose token resolves. */
  async newCaller(fields: Partial<Caller> = {}): Promise<TestCaller> {
    const type = fields.type ?? 'user';
    const caller: Caller = {
      type,
      id: randomUUID(),
      orgId: randomUUID(),
      ...(type === 'user' ? { role: 'owner' as const } : {}),
      sessionId: randomUUID(),
      sessionKind: type === 'user' ? 'password' : 'agent',
      pathScopes: [],
      areaScopes: [],
      vaultIds: [],
      intentsEnabled: false,
      ...fields,
    };
    const token = await this.signer.sessionToken(caller);
    this.callers.set(token, caller);
    return { caller, token };
  }

  private parts(): StubPart[] {
    return [
      part(SessionServiceDefinition, this.sessions),
      part(AccountServiceDefinition, this.accounts),
      part(AgentTokenServiceDefinition, this.agentTokens),
      part(AgentServiceDefinition, this.agents),
      part(DeviceLoginServiceDefinition, this.devices),
      part(DeviceDecisionServiceDefinition, this.deviceDecisions),
      part(DirectoryServiceDefinition, this.directory),
      part(PlatformStateServiceDefinition, this.platformState),
    ];
  }

  private async resolve(token: string): Promise<ResolveResult> {
    this.resolved += 1;
    const caller = this.callers.get(token);
    if (!caller) return { refusal: 'revoked', caller: undefined };
    return {
      refusal: '',
      caller: {
        assertion: await this.signer.assertion(caller),
        assertionExpiresAt: new Date(Date.now() + this.assertionMs),
        principalType: caller.type,
        principalId: caller.id,
        orgId: caller.orgId,
        role: caller.role ?? '',
        jti: caller.sessionId,
        tokenExpiresAt: new Date(Date.now() + 900_000),
        sessionKind: caller.sessionKind,
        areaScopes: caller.areaScopes,
        scoped: caller.sessionKind === 'api_key' && (caller.areaScopes.length > 0 || caller.pathScopes.length > 0),
      },
    };
  }
}
