import { MfaChallengesRepository } from './mfa-challenges.repository.js';
import { MfaCodes } from './mfa-codes.js';
import { MfaDisableService } from './mfa-disable.service.js';
import { MfaLogInGrpc } from './mfa-log-in.grpc.js';
import { MfaLogInService } from './mfa-log-in.service.js';
import { MfaSetupService } from './mfa-setup.service.js';
import { MfaTokens } from './mfa-tokens.js';
import { MfaGrpc } from './mfa.grpc.js';
import { RecoveryCodes } from './recovery-codes.js';
import { RecoveryCodesRepository } from './recovery-codes.repository.js';
import { SecondStep } from './second-step.js';
import { TotpFactorsRepository } from './totp-factors.repository.js';
import { TotpSecrets } from './totp-secrets.js';

export const mfa = [
  TotpFactorsRepository,
  RecoveryCodesRepository,
  MfaChallengesRepository,
  TotpSecrets,
  RecoveryCodes,
  MfaCodes,
  MfaTokens,
  MfaSetupService,
  MfaDisableService,
  SecondStep,
  MfaLogInService,
];
export const mfaControllers = [MfaGrpc, MfaLogInGrpc];
