import { type FindSharerRequest, type OpenShareRequest, ShareAccessServiceDefinition } from '@oneclaw/contracts/vault';
import { RpcController, type CallContext, type RpcHandlers } from '@oneclaw/rpc';
import { checkUuid } from '../validation/uuid.js';
import { OpenShareService } from './open-share.service.js';

@RpcController(ShareAccessServiceDefinition)
export class ShareAccessGrpc implements RpcHandlers<typeof ShareAccessServiceDefinition> {
  constructor(private readonly opening: OpenShareService) {}

  async findSharer({ shareId }: FindSharerRequest) {
    const { orgId, sharer, recipient } = await this.opening.find(checkUuid(shareId, 'share_id'));
    const hasRecipient = recipient.type !== 'anyone_with_link';
    return { orgId, principalType: sharer.type, principalId: sharer.id, hasRecipient };
  }

  async openShare(request: OpenShareRequest, context: CallContext) {
    const shareId = checkUuid(request.shareId, 'share_id');
    const { passphrase, sharerFacts } = request;
    const { share, version, value, accessCount } = await this.opening.open(
      { shareId, passphrase, sharerFacts },
      context,
    );
    const { id, path, maxAccessCount } = share;
    return { id, path, type: version.type, value, accessCount, maxAccessCount: maxAccessCount ?? undefined };
  }
}
