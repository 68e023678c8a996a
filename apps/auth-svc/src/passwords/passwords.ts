import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { CONFIG, type AuthConfig } from '../config.js';
import { PasswordHasher } from './password-hasher.js';
import { checkNewPassword } from './password-rule.js';
import { PasswordStrength } from './password-strength.js';

/** All that the rest of the service knows about passwords. */
@Injectable()
export class Passwords implements OnModuleInit, OnModuleDestroy {
  private readonly hasher: PasswordHasher;
  private readonly strength = new PasswordStrength();

  constructor(@Inject(CONFIG) config: AuthConfig) {
    this.hasher = new PasswordHasher({
      memoryKib: config.ARGON2_MEMORY_KIB,
      iterations: config.ARGON2_ITERATIONS,
      concurrency: config.ARGON2_CONCURRENCY,
    });
  }

  async onModuleInit(): Promise<void> {
    await this.hasher.warmUp();
  }

  async onModuleDestroy(): Promise<void> {
    await this.strength.close();
  }

  /** Throws invalid_argument that says why a new password is refused. `personal`: what its owner is called. */
  async check(password: string, personal: readonly string[], field = 'password'): Promise<void> {
    await checkNewPassword(password, personal, this.strength, field);
  }

  hash(password: string): Promise<string> {
    return this.hasher.hash(password);
  }

  /** Takes the same time whether or not there is a hash. */
  verify(hash: string | undefined, password: string): Promise<boolean> {
    return this.hasher.verify(hash, password);
  }

  /** A fresh hash where the stored one was made at another cost. */
  async rehash(hash: string, password: string): Promise<string | undefined> {
    return this.hasher.isOutdated(hash) ? this.hasher.hash(password) : undefined;
  }
}
