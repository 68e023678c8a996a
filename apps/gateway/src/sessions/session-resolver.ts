import { Coalescer } from '@oneclaw/coalesce';
import type { IpRules } from '@oneclaw/caller/ip-rules';
import type { ResolveResult, SessionServiceDefinition } from '@oneclaw/contracts/auth';
import { TokenRefused } from '@oneclaw/caller';
import { unavailable } from '@oneclaw/errors';
import type { RpcClient } from '@oneclaw/rpc';
import { OrgIpRules } from './org-ip-rules.js';
import { type Session, toSession } from './session.js';

type Client = Pick<RpcClient<typeof SessionServiceDefinition>, 'resolveCallers'>;

export interface Question {
  token: string;
  requestId: string;
}

/** The most that one ResolveCallers takes. */
const MAX_TOKENS = 100;

/** Asks auth-svc who the holders of tokens are now. Questions that come together travel together, each token once. */
export class SessionResolver {
  private readonly questions: Coalescer<Question, Session>;
  private readonly rules = new OrgIpRules();

  constructor(private readonly client: Client) {
    this.questions = new Coalescer((batch) => this.ask(batch), {
      maxItems: MAX_TOKENS,
      maxInFlight: 4,
      maxWaiting: 5000,
      onOverflow: () => unavailable('The service is busy. Try again in a moment.'),
    });
  }

  /** Rejects with TokenRefused for a token that stands for nobody (any more). */
  async resolve(question: Question): Promise<Session> {
    return this.questions.add(question);
  }

  private async ask(questions: Question[]): Promise<(Session | Error)[]> {
    const tokens = [...new Set(questions.map((question) => question.token))];
    const call = { requestId: questions[0]?.requestId ?? '' };
    const { results, ipRules } = await this.client.resolveCallers({ tokens }, call);
    const rulesOf = this.rules.compile(ipRules);
    // One session for all who asked with one token.
    const byToken = new Map(tokens.map((token, index) => [token, sessionOf(results[index], rulesOf)]));
    return questions.map(({ token }) => byToken.get(token) as Session | TokenRefused);
  }
}

function sessionOf(result: ResolveResult | undefined, rulesOf: ReadonlyMap<string, IpRules>): Session | TokenRefused {
  if (!result || result.refusal !== '') return new TokenRefused(result?.refusal ?? 'no_answer');
  return toSession(result.caller, rulesOf.get(result.caller?.orgId ?? ''));
}
