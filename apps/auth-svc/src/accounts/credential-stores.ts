import type { Executor } from '@oneclaw/database';

/** Whatever keeps something that opens a person's account besides the password: API keys, second factors, approved devices. */
export interface CredentialStore {
  /** All of the user's. */
  removeAll(executor: Executor, orgId: string, userId: string): Promise<unknown>;
}

/** Injection token: all of them. Who adds a kind of credential adds its repository, or a takeover leaves it behind. */
export const CREDENTIAL_STORES = Symbol('CredentialStores');
