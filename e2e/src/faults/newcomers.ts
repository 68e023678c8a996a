import type { Answer } from '../answer.js';
import type { Api, Headers } from '../client.js';
import type { Signup } from '../types.js';
import { randomEmail, randomIp, randomPassword } from '../world.js';
import type { Ledger, Operation } from './ledger.js';

type Step = (api: Api, headers: Headers) => Promise<Answer>;

/** Signing up comes first. */
const STEPS: Step[] = [
  (api, headers) => api.post('/v1/vaults', { name: 'a vault' }, headers),
  (api, headers) => api.post('/v1/agents', { name: 'an agent' }, headers),
  (api, headers) => api.get('/v1/billing/usage', headers),
  (api, headers) => api.get('/v1/audit/events', headers),
  (api, headers) => api.get('/v1/audit/verify', headers),
];
export const STEPS_OF_A_NEWCOMER = 1 + STEPS.length;

/**
 * Someone who signs up, makes a vault and an agent, and looks at the bill and the trail: asks for what is known already of everyone else,
 * and so for connections that the others' work leaves idle. Goes when something fails.
 */
export async function newcomer(ledger: Ledger, gateway: Api): Promise<void> {
  const take = (send: (headers: Headers) => Promise<Answer>): Promise<Operation> =>
    ledger.perform({ action: 'newcomer', orgId: '' }, send);
  const at = gateway.as(undefined).from(randomIp());
  const credentials = { email: randomEmail(), password: randomPassword() };
  const { outcome, answer } = await take((headers) => at.post('/v1/auth/signup', credentials, headers));
  if (outcome !== 'ok' || !answer) return;
  const api = at.as(answer.as<Signup>(200).access_token);
  for (const step of STEPS) if ((await take((headers) => step(api, headers))).outcome !== 'ok') return;
}
