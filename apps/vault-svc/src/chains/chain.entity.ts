/** A chain that transactions can be signed for. */
export interface Chain {
  id: string;
  /** e.g. "arbitrum-one". */
  name: string;
  displayName: string;
  /** EIP-155. */
  chainId: number;
  /** May hold the key of whoever provides the node: for no log, event or error. */
  rpcUrl: string | null;
  wsUrl: string | null;
  /** Whether anybody may see these two. */
  isRpcPublic: boolean;
  explorerUrl: string | null;
  nativeCurrency: string;
  isTestnet: boolean;
  isEnabled: boolean;
  createdAt: Date;
  updatedAt: Date;
}

export type NewChain = Omit<Chain, 'createdAt' | 'updatedAt'>;

/** What an admin can change; what is absent stays. */
export type ChainChange = Partial<Omit<NewChain, 'id' | 'name' | 'chainId'>>;
