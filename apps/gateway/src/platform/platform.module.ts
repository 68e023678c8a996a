import { Global, Module } from '@nestjs/common';
import { LOGGER, type Logger } from '@oneclaw/telemetry';
import { HeardCache } from '../sessions/heard-cache.js';
import { AuthClients } from '../upstreams/auth-clients.js';
import { PlatformState } from './platform-state.js';

/** What the people who run the installation have set. */
@Global()
@Module({
  providers: [
    {
      provide: PlatformState,
      inject: [AuthClients, HeardCache, LOGGER],
      useFactory: (clients: AuthClients, heard: HeardCache, logger: Logger) => {
        const state = new PlatformState(clients.platformState, heard, logger);
        heard.tell(state);
        return state;
      },
    },
  ],
  exports: [PlatformState],
})
export class PlatformModule {}
