import { EmailVerificationService } from './email-verification.service.js';
import { VerificationMails } from './verification-mails.js';
import { VerificationsRepository } from './verifications.repository.js';
import { VerifiedAddresses } from './verified-addresses.js';

export const verification = [VerificationsRepository, VerificationMails, VerifiedAddresses, EmailVerificationService];
