import { describe, expect, it } from '@jest/globals';
import { createLogger } from '@oneclaw/telemetry';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Deadlines } from './deadlines.js';
import { endStep } from './end.js';
import { RightOfWay } from './right-of-way.js';

describe('the end of a request', () => {
  it('lets others go that gave way to it, once, also where the client has gone away or the answer was late', () => {
    const clock = { now: 0 };
    const rightOfWay = new RightOfWay(() => clock.now);
    const deadlines = new Deadlines(10, () => undefined);
    const { answered, aborted } = endStep({
      deadlines,
      logger: createLogger({ service: 'test', level: 'silent' }),
      duration: { observe: () => undefined } as never,
      rightOfWay,
      recordUsage: () => undefined,
    });
    const ends = [aborted, answered].map((end) => (request: FastifyRequest) => {
      if (end === aborted) aborted(request, () => undefined);
      else answered(request, { statusCode: 200 } as FastifyReply, () => undefined);
    });
    const requests = [1, 2, 3].map(() => {
      rightOfWay.pass();
      return { wentFirst: true } as FastifyRequest;
    });
    // The third one was given up by the deadlines: it is not among theirs.
    requests.slice(0, 2).forEach((request) => deadlines.start(request, {} as FastifyReply));
    for (const request of requests) ends.forEach((end) => end(request));
    clock.now = 1000;
    let passed = 0;
    for (let turn = 0; turn < 1000; turn += 1) rightOfWay.wait(() => (passed += 1));
    expect([passed, rightOfWay.size]).toEqual([1000, 0]);
    deadlines.close();
  });
});
