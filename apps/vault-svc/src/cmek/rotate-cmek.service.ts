import { hash, randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Caller } from '@oneclaw/caller';
import { transaction } from '@oneclaw/database';
import { invalid, isDomainError, notFound } from '@oneclaw/errors';
import type { CallContext } from '@oneclaw/rpc';
import { DataSource, type EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { commitEvents } from '../audit/commit-events.js';
import { isRefusal, Refused } from '../audit/refusal-trail.js';
import { CmekClient, type SealedCmekKeys } from '../crypto/cmek.client.js';
import { VaultKeksRepository } from '../vaults/vault-keks.repository.js';
import { CmekAccess } from './cmek-access.js';
import { rotationStartEvent } from './cmek-events.js';
import { checkFingerprint } from './cmek-input.js';
import type { CmekRotation } from './cmek-rotation.entity.js';
import { CmekRotationsRepository } from './cmek-rotations.repository.js';
import { CmekRotator } from './cmek-rotator.js';
import { CmekVaultsRepository } from './cmek-vaults.repository.js';
import { CmekVersionsRepository } from './cmek-versions.repository.js';
import { decide, type ShownKeys } from './rotation-request.js';

export interface RotationInput {
  vaultId: string;
  newFingerprint: string;
  /** 32 bytes each; wiped here. */
  oldKey: Buffer;
  newKey: Buffer;
}

/** Keys that crypto-svc has sealed, for a run of this process. */
interface Shown extends ShownKeys {
  keys: SealedCmekKeys;
  runner: string;
}

@Injectable()
export class RotateCmekService {
  constructor(
    private readonly database: DataSource,
    private readonly access: CmekAccess,
    private readonly keks: VaultKeksRepository,
    private readonly crypto: CmekClient,
    private readonly vaults: CmekVaultsRepository,
    private readonly rotations: CmekRotationsRepository,
    private readonly versions: CmekVersionsRepository,
    private readonly rotator: CmekRotator,
  ) {}

  async rotate(caller: Caller, input: RotationInput, call: CallContext): Promise<CmekRotation> {
    try {
      await this.access.requirePlan(caller, call);
      const newFingerprint = checkFingerprint(input.newFingerprint, 'new_fingerprint');
      await this.access.findManaged(caller, input.vaultId);
      const shown = await this.seal(caller, input, call);
      if (shown.newFingerprint !== newFingerprint) throw notOf('x-cmek-new-key', 'new_fingerprint');
      const { rotation, goesOn } = await transaction(this.database, (manager) =>
        this.beginOrResume(manager, caller, input.vaultId, shown, call),
      );
      const { keys, runner } = shown;
      if (goesOn) this.rotator.start({ rotationId: rotation.id, vaultId: input.vaultId, runner, keys });
      return rotation;
    } finally {
      input.oldKey.fill(0);
      input.newKey.fill(0);
    }
  }

  async get(caller: Caller, vaultId: string, id: string): Promise<CmekRotation> {
    await this.access.findManaged(caller, vaultId);
    const rotation = await this.rotations.find(this.database, caller.orgId, vaultId, id);
    if (!rotation) throw notFound('Rotation');
    return rotation;
  }

  /** From here on the keys are in nobody's hands but crypto-svc's. */
  private async seal({ orgId }: Caller, input: RotationInput, call: CallContext): Promise<Shown> {
    const { vaultId, oldKey, newKey } = input;
    const kek = await this.keks.findCurrent(this.database, { orgId, id: vaultId });
    if (!kek) throw notFound('Vault');
    const runner = randomUUID();
    const place = { kek, associatedData: associatedDataOfKeys(vaultId, runner) };
    try {
      return { ...(await this.crypto.sealKeys(place, oldKey, newKey, call)), runner };
    } catch (error) {
      throw isDomainError(error, 'invalid_argument') ? notKeys(error.fields) : error;
    }
  }

  private async beginOrResume(
    manager: EntityManager,
    caller: Caller,
    vaultId: string,
    shown: Shown,
    call: CallContext,
  ): Promise<{ rotation: CmekRotation; goesOn: boolean }> {
    const { orgId } = caller;
    await this.vaults.exclude(manager, vaultId);
    const state = await this.vaults.find(manager, orgId, vaultId);
    if (!state) throw notFound('Vault');
    const latest = await this.rotations.findLatest(manager, vaultId);
    const decision = decide(state, latest, shown);
    if (decision.kind === 'refuse') throw asRefused(decision.error);
    if (decision.kind === 'done') return { rotation: decision.rotation, goesOn: false };
    const { newFingerprint, oldFingerprint, runner } = shown;
    const rotation =
      decision.kind === 'begin'
        ? await this.rotations.insert(manager, { id: uuidv7(), orgId, vaultId, oldFingerprint, newFingerprint, runner })
        : await this.rotations.takeOver(manager, decision.rotation.id, runner);
    if (!rotation) return { rotation: latest!, goesOn: false };
    // Those of an earlier rotation, or of one that failed and walks again.
    if (latest?.status !== 'running') await this.versions.forgetStragglers(manager, vaultId);
    await this.vaults.set(manager, vaultId, newFingerprint, oldFingerprint);
    await commitEvents(manager, [rotationStartEvent(caller, rotation, call)]);
    return { rotation, goesOn: true };
  }
}

/** SHA-256 of purpose, vault and run, each after its length; docs/associated-data.md. */
export function associatedDataOfKeys(vaultId: string, runner: string): Buffer {
  const parts = ['oneclaw:cmek-keys:v1', vaultId, runner].flatMap((part) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(part.length);
    return [length, Buffer.from(part, 'latin1')];
  });
  return hash('sha256', Buffer.concat(parts), 'buffer');
}

function asRefused(error: Parameters<typeof isRefusal>[0] & Error): Error {
  return isRefusal(error) ? new Refused(error, 'rotation_state') : error;
}

function notOf(header: string, field: string) {
  return invalid('The keys do not fit.', { [header]: `is not the key of ${field}` });
}

/** crypto-svc names the fields of its own message. */
function notKeys(fields: Readonly<Record<string, string>>) {
  const header = 'old_key' in fields ? 'x-cmek-old-key' : 'x-cmek-new-key';
  return invalid('The keys are not valid.', { [header]: 'must be base64 of 32 bytes' });
}
