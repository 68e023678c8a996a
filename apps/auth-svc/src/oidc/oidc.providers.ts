import { GuardedFetch, TargetRules } from '@oneclaw/guarded-fetch';
import { CONFIG, type AuthConfig } from '../config.js';
import { ClientAssertions } from './client-assertions.js';
import { IssuerKeys } from './issuer-keys.js';

const MAX_DOCUMENT_BYTES = 64 * 1024;

const fetcher = {
  provide: GuardedFetch,
  inject: [CONFIG],
  useFactory: ({ OUTBOUND_ALLOW_HTTP: allowHttp, OUTBOUND_ALLOWED_TARGETS: allowTargets }: AuthConfig) =>
    new GuardedFetch(new TargetRules({ allowHttp, allowTargets }), { maxBytes: MAX_DOCUMENT_BYTES }),
};

export const oidc = [fetcher, IssuerKeys, ClientAssertions];
