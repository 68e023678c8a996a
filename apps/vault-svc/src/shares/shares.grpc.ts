import { requireCaller } from '@oneclaw/caller';
import {
  type AcceptShareRequest,
  type CreateShareRequest,
  type DeclineShareRequest,
  type ListSharesRequest,
  type RevokeShareRequest,
  ShareDirection,
  ShareServiceDefinition,
} from '@oneclaw/contracts/vault';
import { invalid } from '@oneclaw/errors';
import { RpcController, type CallContext, type RpcHandlers } from '@oneclaw/rpc';
import { RefusalTrail } from '../audit/refusal-trail.js';
import { checkUuid } from '../validation/uuid.js';
import { CreateShareService } from './create-share.service.js';
import { ListSharesService, type Direction } from './list-shares.service.js';
import { ShareAnswersService } from './share-answers.service.js';
import { createAttempt } from './share-events.js';
import { checkNewShare } from './share-input.js';
import { toProto } from './share.proto.js';

@RpcController(ShareServiceDefinition)
export class SharesGrpc implements RpcHandlers<typeof ShareServiceDefinition> {
  constructor(
    private readonly creation: CreateShareService,
    private readonly lists: ListSharesService,
    private readonly answers: ShareAnswersService,
    private readonly refusals: RefusalTrail,
  ) {}

  async createShare(request: CreateShareRequest, context: CallContext) {
    const caller = requireCaller(context.caller);
    const secretId = checkUuid(request.secretId, 'secret_id');
    const share = await this.refusals.guard(createAttempt(secretId, caller, context), async () =>
      this.creation.create(caller, checkNewShare(request, caller), request.recipientAttestation, context),
    );
    return { share: toProto(share) };
  }

  async listShares({ direction, page }: ListSharesRequest, context: CallContext) {
    const caller = requireCaller(context.caller);
    const { shares, nextCursor } = await this.lists.list(
      caller,
      directionOf(direction),
      page?.limit ?? 0,
      page?.cursor ?? '',
    );
    return { shares: shares.map(toProto), nextCursor };
  }

  async acceptShare({ shareId }: AcceptShareRequest, context: CallContext) {
    await this.answers.accept(requireCaller(context.caller), checkUuid(shareId, 'share_id'), context);
    return {};
  }

  async declineShare({ shareId }: DeclineShareRequest, context: CallContext) {
    await this.answers.decline(requireCaller(context.caller), checkUuid(shareId, 'share_id'), context);
    return {};
  }

  async revokeShare({ shareId }: RevokeShareRequest, context: CallContext) {
    await this.answers.revoke(requireCaller(context.caller), checkUuid(shareId, 'share_id'), context);
    return {};
  }
}

function directionOf(direction: ShareDirection): Direction {
  if (direction === ShareDirection.OUTBOUND) return 'outbound';
  if (direction === ShareDirection.INBOUND) return 'inbound';
  throw invalid('The list is not valid.', { direction: 'must be outbound or inbound' });
}
