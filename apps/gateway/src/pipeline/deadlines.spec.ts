import { afterEach, describe, expect, it } from '@jest/globals';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Deadlines } from './deadlines.js';

const open: Deadlines[] = [];
afterEach(() => open.splice(0).forEach((each) => each.close()));

function world() {
  const clock = { now: 0 };
  const late: FastifyRequest[] = [];
  const deadlines = new Deadlines(
    10,
    (_error, request, reply) => (late.push(request), (reply.sent = true)),
    () => clock.now,
  );
  open.push(deadlines);
  const start = () => {
    const [request, reply] = [{} as FastifyRequest, { sent: false, raw: {} } as FastifyReply];
    deadlines.start(request, reply);
    return { request, reply };
  };
  return { clock, late, deadlines, start };
}

describe('deadlines', () => {
  it('answer what is late, once, and nothing else', () => {
    const { clock, late, deadlines, start } = world();
    const first = start();
    clock.now = 5;
    start();
    clock.now = 12;
    deadlines.answerLate();
    deadlines.answerLate();
    expect(late).toEqual([first.request]);
  });

  it('leave alone what was answered', () => {
    const { clock, late, deadlines, start } = world();
    const { request } = start();
    clock.now = 3;
    expect(deadlines.elapsed(request)).toBe(3);
    expect(deadlines.finish(request)).toBe(true);
    expect(deadlines.finish(request)).toBe(false);
    clock.now = 100;
    deadlines.answerLate();
    expect(late).toEqual([]);
  });

  it('leave an answer that is being streamed its time', () => {
    const { clock, late, deadlines, start } = world();
    const { request, reply } = start();
    (reply.raw as { headersSent: boolean }).headersSent = true;
    clock.now = 100;
    deadlines.answerLate();
    expect(late).toEqual([]);
    expect(deadlines.finish(request)).toBe(true);
  });

  it('forget an answer that can never be delivered', () => {
    const { clock, deadlines, start } = world();
    const { request } = start();
    clock.now = 11;
    deadlines.answerLate();
    clock.now = 21;
    deadlines.answerLate();
    expect(deadlines.finish(request)).toBe(false);
  });
});
