import { Accounts1795219200001 } from './1795219200001-accounts.js';
import { Agents1795219200002 } from './1795219200002-agents.js';
import { Sessions1795219200003 } from './1795219200003-sessions.js';
import { Outbox1795219200004 } from './1795219200004-outbox.js';
import { Mail1795305600101 } from './1795305600101-mail.js';
import { Throttles1795305600102 } from './1795305600102-throttles.js';
import { Deletion1795305600104 } from './1795305600104-deletion.js';
import { EmailVerifications1795305600103 } from './1795305600103-email-verifications.js';
import { PersonalApiKeys1795305600201 } from './1795305600201-personal-api-keys.js';
import { Mfa1795305600202 } from './1795305600202-mfa.js';
import { Enrollments1795305600301 } from './1795305600301-enrollments.js';
import { Google1795305600105 } from './1795305600105-google.js';
import { DeviceLogins1795305600401 } from './1795305600401-device-logins.js';
import { RootKeys1795392000304 } from './1795392000304-root-keys.js';
import { Invitations1795392000601 } from './1795392000601-invitations.js';
import { IpRules1795392000602 } from './1795392000602-ip-rules.js';
import { Platform1795392000603 } from './1795392000603-platform.js';

export const migrations = [
  Accounts1795219200001,
  Agents1795219200002,
  Sessions1795219200003,
  Outbox1795219200004,
  Mail1795305600101,
  Throttles1795305600102,
  EmailVerifications1795305600103,
  Deletion1795305600104,
  PersonalApiKeys1795305600201,
  Mfa1795305600202,
  Enrollments1795305600301,
  Google1795305600105,
  DeviceLogins1795305600401,
  RootKeys1795392000304,
  Invitations1795392000601,
  IpRules1795392000602,
  Platform1795392000603,
];
