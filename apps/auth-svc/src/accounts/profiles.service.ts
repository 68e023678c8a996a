import { Injectable } from '@nestjs/common';
import type { Caller } from '@oneclaw/caller';
import { notFound } from '@oneclaw/errors';
import { DataSource } from 'typeorm';
import { AccountsRepository } from './accounts.repository.js';
import type { Profile } from './user.entity.js';

/** What people see of their own accounts. */
@Injectable()
export class ProfilesService {
  constructor(
    private readonly database: DataSource,
    private readonly accounts: AccountsRepository,
  ) {}

  async get(caller: Caller): Promise<Profile> {
    const profile = await this.accounts.findProfile(this.database, caller.orgId, caller.id);
    if (!profile) throw notFound('Account');
    return profile;
  }
}
