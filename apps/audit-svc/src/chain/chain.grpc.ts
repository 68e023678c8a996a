import { requireCaller } from '@oneclaw/caller';
import { BoundedQueue } from '@oneclaw/coalesce';
import {
  AuditChainServiceDefinition,
  type ReadExportRequest,
  type StartExportRequest,
  type VerifyChainRequest,
} from '@oneclaw/contracts/audit';
import { invalid, unavailable } from '@oneclaw/errors';
import { RpcController, type CallContext, type RpcHandlers } from '@oneclaw/rpc';
import { ExportService, type ExportPage } from '../export/export.service.js';
import { ChainVerificationService } from './chain-verification.service.js';
import { fromWireProgress, toVerifyResponse } from './chain.mapper.js';

@RpcController(AuditChainServiceDefinition)
export class ChainGrpc implements RpcHandlers<typeof AuditChainServiceDefinition> {
  /** Whole chains cost what they cost: two calls at a time, so that events and queries are not held up. */
  private readonly queue = new BoundedQueue({
    concurrency: 2,
    maxWaiting: 50,
    onOverflow: () => unavailable('Too many chains are being read. Try again in a moment.', undefined, 5),
  });

  constructor(
    private readonly verification: ChainVerificationService,
    private readonly exports: ExportService,
  ) {}

  async verifyChain({ progress }: VerifyChainRequest, context: CallContext) {
    const caller = requireCaller(context.caller);
    const from = progress && fromWireProgress(caller.orgId, progress);
    return toVerifyResponse(await this.queue.run(() => this.verification.verify(caller, from, context)));
  }

  async startExport({ afterPosition }: StartExportRequest, context: CallContext) {
    return toWirePage(await this.exports.start(requireCaller(context.caller), afterPosition, context));
  }

  async readExport({ progress }: ReadExportRequest, context: CallContext) {
    if (!progress) throw invalid('The progress is missing.');
    const caller = requireCaller(context.caller);
    return toWirePage(await this.queue.run(() => this.exports.read(caller, progress, context)));
  }
}

function toWirePage({ lines, progress }: ExportPage) {
  return { lines: Buffer.from(lines), progress };
}
