import { Injectable } from '@nestjs/common';
import type { UsageRecord } from '@oneclaw/contracts/billing';
import { transaction } from '@oneclaw/database';
import { invalid } from '@oneclaw/errors';
import { DataSource } from 'typeorm';
import { v7 as uuidv7, validate as isUuid } from 'uuid';
import { UsageRepository } from './usage.repository.js';
import type { UsageEvent } from './usage-event.js';

const MAX_RECORDS = 5000;

@Injectable()
export class UsageService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly usage: UsageRepository,
  ) {}

  /** Counts a gateway's report exactly once: gateways repeat a report, with its id, until it is answered. */
  async accept(reportId: string, records: readonly UsageRecord[]): Promise<void> {
    if (!isUuid(reportId)) throw invalid('The report needs a UUID.', { report_id: 'must be a UUID' });
    if (records.length > MAX_RECORDS) throw invalid(`A report has at most ${MAX_RECORDS} records.`);
    const events = records.map(toEvent);
    await transaction(this.dataSource, async (manager) => {
      if (!(await this.usage.claimReport(manager, reportId))) return;
      await this.usage.addEvents(manager, events);
      await this.usage.addToMonths(manager, events);
    });
  }
}

function toEvent(record: UsageRecord): UsageEvent {
  if (!isUuid(record.orgId) || !isUuid(record.principalId) || !record.occurredAt) {
    throw invalid('A usage record names its org and principal by UUID and its time.');
  }
  return { ...record, id: uuidv7(), occurredAt: record.occurredAt };
}
