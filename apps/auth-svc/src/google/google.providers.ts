import { GoogleAccountsRepository } from './google-accounts.repository.js';
import { GoogleEntry } from './google-entry.js';
import { GoogleLogInService } from './google-log-in.service.js';
import { GoogleTokens } from './google-tokens.js';
import { Takeover } from './takeover.js';

export const google = [GoogleTokens, GoogleAccountsRepository, GoogleEntry, Takeover, GoogleLogInService];
