import { PlatformAccess } from './platform-access.js';
import { PlatformBootstrap } from './platform-bootstrap.js';
import { PlatformUsersRepository } from './platform-users.repository.js';
import { PlatformUsersService } from './platform-users.service.js';
import { PlatformGrpc, PlatformStateGrpc } from './platform.grpc.js';
import { SettingsRepository } from './settings.repository.js';
import { SettingsService } from './settings.service.js';

export const platform = [
  SettingsRepository,
  SettingsService,
  PlatformUsersRepository,
  PlatformUsersService,
  PlatformAccess,
  PlatformBootstrap,
];
export const platformControllers = [PlatformGrpc, PlatformStateGrpc];
