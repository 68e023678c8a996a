import { IpRulesGrpc } from './ip-rules.grpc.js';
import { IpRulesRepository } from './ip-rules.repository.js';
import { IpRulesService } from './ip-rules.service.js';

export const ipRules = [IpRulesRepository, IpRulesService];
export const ipRuleControllers = [IpRulesGrpc];
