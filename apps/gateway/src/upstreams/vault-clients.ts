import {
  ChainAdminServiceDefinition,
  ChainServiceDefinition,
  HsmHealthServiceDefinition,
  KekRotationServiceDefinition,
  PolicyServiceDefinition,
  ResourceCountServiceDefinition,
  SecretReadServiceDefinition,
  SecretWriteServiceDefinition,
  ShareAccessServiceDefinition,
  ShareServiceDefinition,
  VaultCmekServiceDefinition,
  VaultServiceDefinition,
} from '@oneclaw/contracts/vault';
import { type RpcChannel, createRpcClient } from '@oneclaw/rpc';

/** vault-svc: vaults, secrets, policies, and the state of the HSM. */
export class VaultClients {
  readonly vaults;
  readonly secretReads;
  readonly secretWrites;
  readonly policies;
  readonly counts;
  readonly shares;
  readonly shareAccess;
  readonly kekRotations;
  readonly chains;
  readonly chainAdmin;
  readonly cmek;
  readonly hsm;

  constructor(readonly channel: RpcChannel) {
    this.vaults = createRpcClient(VaultServiceDefinition, channel);
    this.secretReads = createRpcClient(SecretReadServiceDefinition, channel);
    this.secretWrites = createRpcClient(SecretWriteServiceDefinition, channel);
    this.counts = createRpcClient(ResourceCountServiceDefinition, channel);
    this.policies = createRpcClient(PolicyServiceDefinition, channel);
    this.shares = createRpcClient(ShareServiceDefinition, channel);
    this.shareAccess = createRpcClient(ShareAccessServiceDefinition, channel);
    this.kekRotations = createRpcClient(KekRotationServiceDefinition, channel);
    this.chains = createRpcClient(ChainServiceDefinition, channel);
    this.chainAdmin = createRpcClient(ChainAdminServiceDefinition, channel);
    this.cmek = createRpcClient(VaultCmekServiceDefinition, channel);
    this.hsm = createRpcClient(HsmHealthServiceDefinition, channel);
  }
}
