import { Vaults1795305600001 } from './1795305600001-vaults.js';
import { Secrets1795305600002 } from './1795305600002-secrets.js';
import { Policies1795305600003 } from './1795305600003-policies.js';
import { AgentKeys1795305600004 } from './1795305600004-agent-keys.js';
import { Outbox1795305600005 } from './1795305600005-outbox.js';
import { Consumer1795305600006 } from './1795305600006-consumer.js';
import { DeletedOrgs1795305600106 } from './1795305600106-deleted-orgs.js';
import { AgentKeyGenerations1795305600201 } from './1795305600201-agent-key-generations.js';
import { VaultKeks1795392000301 } from './1795392000301-vault-keks.js';
import { KekRotations1795392000302 } from './1795392000302-kek-rotations.js';
import { RootKeys1795392000303 } from './1795392000303-root-keys.js';
import { Cmek1795392000305 } from './1795392000305-cmek.js';
import { RestorableDeletions1795392000401 } from './1795392000401-restorable-deletions.js';
import { OrgHolds1795392000501 } from './1795392000501-org-holds.js';
import { Shares1795392000701 } from './1795392000701-shares.js';
import { Chains1795392000604 } from './1795392000604-chains.js';
import { LiveSecrets1795392000801 } from './1795392000801-live-secrets.js';

export const migrations = [
  Vaults1795305600001,
  Secrets1795305600002,
  Policies1795305600003,
  AgentKeys1795305600004,
  Outbox1795305600005,
  Consumer1795305600006,
  DeletedOrgs1795305600106,
  AgentKeyGenerations1795305600201,
  VaultKeks1795392000301,
  KekRotations1795392000302,
  RootKeys1795392000303,
  Cmek1795392000305,
  RestorableDeletions1795392000401,
  OrgHolds1795392000501,
  Chains1795392000604,
  Shares1795392000701,
  LiveSecrets1795392000801,
];
