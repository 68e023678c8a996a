import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { ping } from '@oneclaw/database';
import { RpcChannel } from '@oneclaw/rpc';
import { Readiness } from '@oneclaw/telemetry';
import { DataSource } from 'typeorm';

/** When the service is ready, and the order in which everything ends. */
@Injectable()
export class Lifecycle implements OnModuleDestroy {
  constructor(
    private readonly crypto: RpcChannel,
    private readonly dataSource: DataSource,
    readiness: Readiness,
  ) {
    readiness.add('postgres', () => ping(dataSource));
  }

  async onModuleDestroy(): Promise<void> {
    this.crypto.close();
    await this.dataSource.destroy();
  }
}
