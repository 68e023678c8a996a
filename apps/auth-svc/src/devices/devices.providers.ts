import { DeviceDecisionsGrpc } from './device-decisions.grpc.js';
import { DeviceDecisionsService } from './device-decisions.service.js';
import { DeviceLoginsGrpc } from './device-logins.grpc.js';
import { DeviceLoginsRepository } from './device-logins.repository.js';
import { DeviceLoginsService } from './device-logins.service.js';
import { DevicePollsService } from './device-polls.service.js';

export const devices = [DeviceLoginsRepository, DeviceLoginsService, DevicePollsService, DeviceDecisionsService];
export const deviceControllers = [DeviceLoginsGrpc, DeviceDecisionsGrpc];
