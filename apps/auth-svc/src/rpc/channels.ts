import { RpcChannel } from '@oneclaw/rpc';

/** One channel per target; the classes are their injection tokens. */
export class CryptoChannel extends RpcChannel {}
export class VaultChannel extends RpcChannel {}
export class BillingChannel extends RpcChannel {}
