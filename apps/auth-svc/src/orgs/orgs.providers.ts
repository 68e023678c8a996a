import { OrgCountsGrpc } from './org-counts.grpc.js';
import { OrgMembersGrpc } from './org-members.grpc.js';
import { OrgMembersRepository } from './org-members.repository.js';
import { OrgMembersService } from './org-members.service.js';
import { Departure } from './departure.js';
import { RemoveMemberService } from './remove-member.service.js';

export const orgs = [OrgMembersRepository, OrgMembersService, Departure, RemoveMemberService];
export const orgControllers = [OrgMembersGrpc, OrgCountsGrpc];
