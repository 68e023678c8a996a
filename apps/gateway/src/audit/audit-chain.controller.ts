import { Readable } from 'node:stream';
import { Controller } from '@nestjs/common';
import type { PublicCall, SessionCall } from '../api/api-call.js';
import { Operation } from '../api/operation.decorator.js';
import type { InputOf } from '../api/operation.js';
import { toJwk } from '../auth/auth.mapper.js';
import { AuditClients } from '../upstreams/audit-clients.js';
import { exportAuditTrail, getCheckpointKeys, verifyAuditChain } from './audit-chain.operations.js';
import { ChainReader } from './chain-reader.js';

/** Whether the chain is whole, and the chain itself for others to find out. */
@Controller()
export class AuditChainController {
  constructor(
    private readonly reader: ChainReader,
    private readonly clients: AuditClients,
  ) {}

  @Operation(verifyAuditChain)
  async verify(call: SessionCall) {
    return this.reader.verify(call);
  }

  @Operation(exportAuditTrail)
  async export(call: SessionCall, { query }: InputOf<typeof exportAuditTrail>): Promise<Readable> {
    return this.reader.export(call, query.after_position ?? 0);
  }

  @Operation(getCheckpointKeys)
  async getKeys(call: PublicCall) {
    const { keys } = await this.clients.checkpointKeys.listCheckpointKeys({}, call);
    return { keys: keys.map(({ keyId: kid, publicKey }) => toJwk({ kid, publicKey })) };
  }
}
