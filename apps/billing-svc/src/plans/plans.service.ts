import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../clock.js';
import { CONFIG, type BillingConfig } from '../config.js';
import { planAt, type Plan } from './plan.js';
import { PlansRepository } from './plans.repository.js';

@Injectable()
export class PlansService {
  constructor(
    @Inject(CONFIG) private readonly config: Pick<BillingConfig, 'DEFAULT_TIER'>,
    private readonly dataSource: DataSource,
    private readonly plans: PlansRepository,
    private readonly clock: Clock,
  ) {}

  /** As it acts now. */
  async get(orgId: string): Promise<Plan> {
    const stored = await this.plans.find(this.dataSource, orgId);
    return planAt(this.clock.now(), orgId, stored, this.config.DEFAULT_TIER);
  }
}
