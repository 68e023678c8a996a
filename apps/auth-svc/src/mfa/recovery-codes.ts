import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { CONFIG, type AuthConfig } from '../config.js';
import { PasswordHasher } from '../passwords/password-hasher.js';
import { newRecoveryCode, parseRecoveryCode, type RecoveryCode } from './recovery-code.js';
import { RecoveryCodesRepository, type StoredRecoveryCode } from './recovery-codes.repository.js';

const COUNT = 8;
/** What argon2id costs at least, by OWASP: nobody guesses 75 random bits however fast a guess is. */
const ENOUGH = { memoryKib: 19_456, iterations: 2 };

export interface NewRecoveryCodes {
  /** To be shown once. */
  codes: string[];
  stored: StoredRecoveryCode[];
}

/** The codes that replace an authenticator which is lost. */
@Injectable()
export class RecoveryCodes {
  private readonly hasher: PasswordHasher;

  constructor(
    @Inject(CONFIG) config: AuthConfig,
    private readonly database: DataSource,
    private readonly repository: RecoveryCodesRepository,
  ) {
    this.hasher = new PasswordHasher({
      memoryKib: Math.min(config.ARGON2_MEMORY_KIB, ENOUGH.memoryKib),
      iterations: Math.min(config.ARGON2_ITERATIONS, ENOUGH.iterations),
      concurrency: config.ARGON2_CONCURRENCY,
    });
  }

  async make(): Promise<NewRecoveryCodes> {
    const made = new Map<string, { code: string; text: string }>();
    while (made.size < COUNT) {
      const code = newRecoveryCode();
      const { selector, text } = parseRecoveryCode(code) as RecoveryCode;
      made.set(selector, { code, text });
    }
    const stored = [...made].map(async ([selector, { text }]) => ({ selector, hash: await this.hasher.hash(text) }));
    return { codes: [...made.values()].map(({ code }) => code), stored: await Promise.all(stored) };
  }

  async store(manager: EntityManager, userId: string, stored: readonly StoredRecoveryCode[]): Promise<void> {
    await this.repository.insert(manager, userId, stored);
  }

  /** The selector of a right code that was not used yet. */
  async check(userId: string, code: string): Promise<string | undefined> {
    const parsed = parseRecoveryCode(code);
    if (!parsed) return undefined;
    const hash = await this.repository.findHash(this.database, userId, parsed.selector);
    return (await this.hasher.verify(hash, parsed.text)) ? parsed.selector : undefined;
  }

  /** Answers false where another try was faster. */
  async use(manager: EntityManager, userId: string, selector: string): Promise<boolean> {
    return this.repository.use(manager, userId, selector);
  }
}
