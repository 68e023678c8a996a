import { Acceptance } from './acceptance.js';
import { InvitationMails } from './invitation-mails.js';
import { InvitationsGrpc } from './invitations.grpc.js';
import { InvitationsRepository } from './invitations.repository.js';
import { InvitationsService } from './invitations.service.js';
import { InvitedAddresses } from './invited-addresses.js';
import { InvitedSignUps } from './invited-sign-ups.js';
import { InviteService } from './invite.service.js';

export const invitations = [
  InvitationsRepository,
  InvitedAddresses,
  InvitationMails,
  InviteService,
  InvitationsService,
  InvitedSignUps,
  Acceptance,
];
export const invitationControllers = [InvitationsGrpc];
