export const DESCRIPTION = `Secrets for people and agents, sealed under keys that an HSM keeps.

Get a token (\`POST /v1/auth/token\` for people, \`POST /v1/auth/agent-token\` for agents) and send it as \`Authorization: Bearer …\`.
Bodies and answers are JSON. Unknown fields of a body are ignored; \`null\` for an optional field means that it is absent.

Whatever goes wrong is answered as a problem document (RFC 9457). Another org's resource is \`404\`; a secret path that the caller may not use
is \`403\`, whether it exists or not. \`429\` and \`503\` say in \`Retry-After\` when to try again.

Requests count for the caller's org. \`X-RateLimit-Requests-Used\`, \`-Limit\` and \`-Percent\` say how much of the month's quota is used (the latter
two where there is a limit), \`X-Quota-Warning\` that it is more than 80 %, \`X-Overage-Method\`, \`X-Credit-Balance-Cents\` and \`X-Credit-Expiring-Soon\` how
more is paid for. Beyond the quota the answer is \`402\`, as plain JSON; account, billing, org, security and admin routes go on.

\`X-Request-Id\` is taken from the request or made, and is on every answer.`;

/** In the order in which a newcomer needs them. */
export const TAGS = [
  { name: 'Authentication', description: 'Accounts and tokens.' },
  { name: 'Vaults', description: 'Where secrets live; each has a key of its own in the HSM.' },
  { name: 'Secrets', description: 'Values at paths, in versions.' },
  { name: 'Policies', description: 'Who may do what under which paths.' },
  { name: 'Sharing', description: 'The right to read one secret, lent for a while.' },
  { name: 'Agents', description: 'Programs with an identity of their own.' },
  { name: 'Transactions', description: 'What agents sign without ever seeing the key.' },
  { name: 'Billing', description: 'Plans, usage and how it is paid for.' },
  { name: 'Organization', description: 'Who belongs to an org, and as what.' },
  { name: 'Security', description: 'From where an org may be called.' },
  { name: 'Chains', description: 'What transactions can be signed for.' },
  { name: 'Audit', description: 'Who did what, chained so that changes show.' },
  { name: 'Admin', description: 'For those who run the installation.' },
  { name: 'Health', description: 'How the system is.' },
];

/** What each status means wherever it is answered with a problem document; names are those of `components.responses`. */
export const REFUSALS: Readonly<Record<number, { name: string; description: string }>> = {
  400: { name: 'BadRequest', description: 'The request is malformed or a field is not valid; `fields` says which.' },
  401: { name: 'Unauthorized', description: 'The credentials are missing, wrong, expired or revoked.' },
  402: {
    name: 'PaymentRequired',
    description: 'The requests of the month are used up; `accepts` says how this one may be paid.',
  },
  403: { name: 'Forbidden', description: 'The caller may not do this, or the plan allows no more.' },
  404: { name: 'NotFound', description: 'There is no such thing in this org.' },
  409: { name: 'Conflict', description: 'The state of the resource does not allow it.' },
  410: { name: 'Gone', description: 'It is expired, deleted or used up.' },
  412: { name: 'PreconditionFailed', description: 'A precondition of the request does not hold; nothing was done.' },
  413: { name: 'ContentTooLarge', description: 'The body is too large.' },
  415: { name: 'UnsupportedMediaType', description: 'The body is not plain `application/json`.' },
  429: { name: 'TooManyRequests', description: 'Too many requests from this address.' },
  500: { name: 'InternalServerError', description: 'Something went wrong on our side.' },
  501: { name: 'NotImplemented', description: 'Part of the API that this installation does not serve yet.' },
  503: { name: 'ServiceUnavailable', description: 'A service behind this one does not answer; nothing is revealed.' },
};

export const OTHER_REFUSAL = { name: 'OtherProblem', description: 'Any other refusal.' };
