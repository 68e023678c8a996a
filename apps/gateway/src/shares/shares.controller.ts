import { Controller, Inject } from '@nestjs/common';
import { ShareDirection } from '@oneclaw/contracts/vault';
import type { SessionCall, VisitorCall } from '../api/api-call.js';
import { Operation } from '../api/operation.decorator.js';
import type { InputOf } from '../api/operation.js';
import { answerList } from '../api/streamed-list.js';
import { CONFIG, type GatewayConfig } from '../config.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { AuthClients } from '../upstreams/auth-clients.js';
import { VaultClients } from '../upstreams/vault-clients.js';
import { ShareVisitors } from './share-visitors.js';
import { toCreateRequest, toShareListItem, toShareResponse, toSharedSecretResponse } from './shares.mapper.js';
import {
  acceptShare,
  accessShare,
  createShare,
  declineShare,
  listInboundShares,
  listOutboundShares,
  revokeShare,
} from './shares.operations.js';

@Controller()
export class SharesController {
  constructor(
    private readonly vault: VaultClients,
    private readonly auth: AuthClients,
    private readonly visitors: ShareVisitors,
    private readonly sessions: SessionsService,
    @Inject(CONFIG) private readonly config: GatewayConfig,
  ) {}

  /** vault-svc believes auth-svc's signed word that the recipient exists; we only carry it over. */
  @Operation(createShare)
  async create(call: SessionCall, input: InputOf<typeof createShare>) {
    const { recipient_type: principalType, recipient_id: principalId } = input.body;
    const isNamed = principalId !== undefined && (principalType === 'user' || principalType === 'agent');
    const attested = isNamed
      ? await this.auth.directory.attestPrincipal({ principalType, principalId }, call)
      : undefined;
    const request = toCreateRequest(input, attested?.attestation ?? '');
    const { share } = await this.vault.shares.createShare(request, call);
    return toShareResponse(share, this.config.PUBLIC_URL);
  }

  /**
   * Whose right the share lends, what auth-svc says about them now, who comes, and then the share is opened. The access counts for the
   * org of the share, once it has happened.
   */
  @Operation(accessShare)
  async access(call: VisitorCall, { params, headers }: InputOf<typeof accessShare>) {
    const { share_id: shareId } = params;
    const { orgId, principalType, principalId, hasRecipient } = await this.vault.shareAccess.findSharer(
      { shareId },
      call,
    );
    const [{ facts }, visitor] = await Promise.all([
      this.auth.directory.statePrincipal({ orgId, principalType, principalId }, call),
      this.visitors.identify(call, shareId, hasRecipient),
    ]);
    const request = { shareId, passphrase: headers['x-share-passphrase'], sharerFacts: facts };
    const opened = await this.vault.shareAccess.openShare(request, { ...call, assertion: visitor?.assertion });
    this.visitors.count(orgId, call);
    return toSharedSecretResponse(opened);
  }

  @Operation(revokeShare)
  async revoke(call: SessionCall, { params }: InputOf<typeof revokeShare>) {
    await this.vault.shares.revokeShare({ shareId: params.share_id }, call);
  }

  @Operation(listOutboundShares)
  async outbound(call: SessionCall, { query }: InputOf<typeof listOutboundShares>) {
    return this.list(call, ShareDirection.OUTBOUND, query);
  }

  @Operation(listInboundShares)
  async inbound(call: SessionCall, { query }: InputOf<typeof listInboundShares>) {
    return this.list(call, ShareDirection.INBOUND, query);
  }

  @Operation(acceptShare)
  async accept(call: SessionCall, { params }: InputOf<typeof acceptShare>) {
    await this.vault.shares.acceptShare({ shareId: params.share_id }, call);
  }

  @Operation(declineShare)
  async decline(call: SessionCall, { params }: InputOf<typeof declineShare>) {
    await this.vault.shares.declineShare({ shareId: params.share_id }, call);
  }

  private list(call: SessionCall, direction: ShareDirection, page: InputOf<typeof listInboundShares>['query']) {
    return answerList('shares', page, async (part) => {
      const own = part.first ? call : await this.sessions.again(call);
      const { shares, nextCursor } = await this.vault.shares.listShares({ direction, page: part }, own);
      return { entries: shares.map(toShareListItem), nextCursor };
    });
  }
}
