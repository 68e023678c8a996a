import { Controller } from '@nestjs/common';
import { OtherAnswer } from '../api/other-answer.js';
import { Operation } from '../api/operation.decorator.js';
import { VERSION } from '../version.js';
import { type HealthResponse, type HsmHealthResponse, getHealth, getHsmHealth } from './health.operations.js';
import { HealthService } from './health.service.js';

@Controller()
export class HealthController {
  constructor(private readonly service: HealthService) {}

  @Operation(getHealth)
  async health(): Promise<HealthResponse> {
    const { healthy, usable } = await this.service.health();
    const body: HealthResponse = { status: healthy ? 'healthy' : 'degraded', version: VERSION };
    if (!usable) throw new OtherAnswer(503, body);
    return body;
  }

  @Operation(getHsmHealth)
  async hsm(): Promise<HsmHealthResponse> {
    const status = await this.service.hsm();
    if (status === 'unavailable') throw new OtherAnswer(503, { status });
    return { status };
  }
}
