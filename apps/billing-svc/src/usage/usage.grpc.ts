import { type ReportUsageRequest, UsageServiceDefinition } from '@oneclaw/contracts/billing';
import { RpcController, type RpcHandlers } from '@oneclaw/rpc';
import { UsageService } from './usage.service.js';

@RpcController(UsageServiceDefinition)
export class UsageGrpc implements RpcHandlers<typeof UsageServiceDefinition> {
  constructor(private readonly usage: UsageService) {}

  async reportUsage({ reportId, records }: ReportUsageRequest) {
    await this.usage.accept(reportId, records);
    return {};
  }
}
