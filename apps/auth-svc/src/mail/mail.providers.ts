import { MailDelivery } from './mail-delivery.js';
import { MailIntake } from './mail-intake.js';
import { MailOutbox } from './mail-outbox.js';
import { MailOutcomes } from './mail-outcomes.js';
import { MailSender } from './mail-sender.js';
import { MailsRepository } from './mails.repository.js';
import { Smtp } from './smtp.js';

export const mail = [MailOutbox, MailsRepository, MailIntake, MailSender, MailDelivery, MailOutcomes, Smtp];
