import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { parseEmail, PLATFORM_ORG_ID } from '@oneclaw/caller';
import { isUniqueViolation, query, transaction } from '@oneclaw/database';
import { ConfigError } from '@oneclaw/config';
import { isDomainError } from '@oneclaw/errors';
import { auditEvent, identityEvent } from '@oneclaw/events';
import { LOGGER, type Logger } from '@oneclaw/telemetry';
import { DataSource, type EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { AccountsRepository } from '../accounts/accounts.repository.js';
import type { User } from '../accounts/user.entity.js';
import { commitEvents } from '../audit/commit-events.js';
import { CONFIG, type AuthConfig } from '../config.js';
import { Passwords } from '../passwords/passwords.js';
import { VerifiedAddresses } from '../verification/verified-addresses.js';

const NAME = 'Platform';
/** Of several replicas one makes it. */
const INSERT_ORG = 'INSERT INTO orgs (id, name) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING RETURNING id';

/**
 * Makes the platform's org and its first owner when the service starts for the first time. There is no other way in: no default
 * password, and no first come, first served. An installation without administrators does not start.
 */
@Injectable()
export class PlatformBootstrap implements OnModuleInit {
  constructor(
    private readonly database: DataSource,
    private readonly accounts: AccountsRepository,
    private readonly addresses: VerifiedAddresses,
    private readonly passwords: Passwords,
    @Inject(CONFIG) private readonly config: AuthConfig,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async onModuleInit(): Promise<void> {
    const found = await query(this.database, 'SELECT FROM orgs WHERE id = $1', [PLATFORM_ORG_ID]);
    if (found.length > 0) return;
    const owner = await this.ownerByConfig();
    await transaction(this.database, (manager) => this.write(manager, owner)).catch((error: unknown) => {
      throw isUniqueViolation(error, 'users_email_canonical_key')
        ? new ConfigError(['PLATFORM_ADMIN_EMAIL: there is an account with this address. Name another one.'])
        : error;
    });
  }

  private async ownerByConfig(): Promise<User> {
    const { PLATFORM_ADMIN_EMAIL: email, PLATFORM_ADMIN_PASSWORD_FILE: password } = this.config;
    if (email === undefined || password === undefined) {
      throw new ConfigError([
        'PLATFORM_ADMIN_EMAIL and PLATFORM_ADMIN_PASSWORD_FILE must be set for the first start: there is no administrator yet.',
      ]);
    }
    const address = parseEmail(email);
    if (!address) throw new ConfigError(['PLATFORM_ADMIN_EMAIL: must be an email address']);
    await this.passwords.check(password, [address.given]).catch((error: unknown) => {
      throw isDomainError(error, 'invalid_argument')
        ? new ConfigError([`PLATFORM_ADMIN_PASSWORD_FILE: the password ${error.fields['password'] ?? 'is no good'}`])
        : error;
    });
    const passwordHash = await this.passwords.hash(password);
    const { given, canonical } = address;
    const common = { displayName: null, authMethod: 'password' as const, passwordHash };
    return { id: uuidv7(), email: given, emailCanonical: canonical, ...common };
  }

  /** The operator vouches for the address. */
  private async write(manager: EntityManager, owner: User): Promise<void> {
    const orgId = PLATFORM_ORG_ID;
    if ((await query(manager, INSERT_ORG, [orgId, NAME])).length === 0) return;
    await this.accounts.insertUser(manager, owner);
    await this.accounts.insertMembership(manager, orgId, owner.id, 'owner');
    await this.addresses.confirm(manager, { id: owner.id, orgId });
    const event = { action: 'admin.bootstrap' as const, resourceType: 'user', resourceId: owner.id };
    await commitEvents(manager, [
      identityEvent({ orgId, kind: 'org.created', subjectId: orgId }),
      identityEvent({ orgId, kind: 'user.created', subjectId: owner.id }),
      auditEvent({ orgId, actorType: 'system', ...event, details: { email: owner.email } }),
    ]);
    this.logger.info(`the platform's org and its first owner ${owner.email} were made`);
  }
}
