import { Inject, Injectable } from '@nestjs/common';
import type { Executor } from '@oneclaw/database';
import { DataSource } from 'typeorm';
import { Clock } from '../clock.js';
import { CONFIG, type BillingConfig } from '../config.js';
import { planAt, type Plan } from './plan.js';
import { PlansRepository } from './plans.repository.js';

/** Plans as they act now. */
@Injectable()
export class PlansService {
  constructor(
    @Inject(CONFIG) private readonly config: Pick<BillingConfig, 'DEFAULT_TIER'>,
    private readonly dataSource: DataSource,
    private readonly plans: PlansRepository,
    private readonly clock: Clock,
  ) {}

  async get(orgId: string): Promise<Plan> {
    return (await this.getMany([orgId])).get(orgId)!;
  }

  /** Of each org, whether it was heard of or not. */
  async getMany(orgIds: readonly string[], executor: Executor = this.dataSource): Promise<Map<string, Plan>> {
    const stored = await this.plans.find(executor, orgIds);
    const free = await this.plans.findFreeRequests(executor);
    const now = this.clock.now();
    return new Map(orgIds.map((id) => [id, planAt(now, id, stored.get(id), this.config.DEFAULT_TIER, free)]));
  }
}
