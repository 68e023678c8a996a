import { Coalescer } from '@oneclaw/coalesce';
import type { SessionServiceDefinition } from '@oneclaw/contracts/auth';
import { unauthenticated, unavailable } from '@oneclaw/errors';
import type { RpcClient } from '@oneclaw/rpc';
import type { Logger } from '@oneclaw/telemetry';
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

  constructor(
    private readonly client: Client,
    private readonly logger: Logger,
  ) {
    this.questions = new Coalescer((batch) => this.ask(batch), {
      maxItems: MAX_TOKENS,
      maxInFlight: 4,
      maxWaiting: 5000,
      onOverflow: () => unavailable('The service is busy. Try again in a moment.'),
    });
  }

  /** Rejects with `unauthenticated` for a token that stands for nobody (any more). */
  async resolve(question: Question): Promise<Session> {
    return this.questions.add(question);
  }

  private async ask(questions: Question[]): Promise<(Session | Error)[]> {
    const tokens = [...new Set(questions.map((question) => question.token))];
    const { results } = await this.client.resolveCallers({ tokens }, { requestId: questions[0]?.requestId ?? '' });
    const byToken = new Map(tokens.map((token, index) => [token, results[index]]));
    return questions.map(({ token, requestId }) => {
      const result = byToken.get(token);
      if (result && result.refusal === '') return toSession(result.caller);
      this.logger.debug({ requestId, reason: result?.refusal }, 'a session was refused');
      return unauthenticated();
    });
  }
}
