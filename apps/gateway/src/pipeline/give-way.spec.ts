import { describe, expect, it } from '@jest/globals';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Access } from '../api/operation.js';
import type { Session } from '../sessions/session.js';
import { giveWayStep } from './give-way.js';
import { RightOfWay } from './right-of-way.js';

const SESSION = { id: 'known' } as Session;

interface Asking {
  headers: { authorization?: string };
}

function crossing(access: Access | undefined, token?: string) {
  const rightOfWay = new RightOfWay(() => 0);
  const socket = { destroyed: false };
  const request = {
    operation: access && { access },
    session: undefined,
    headers: { authorization: token },
    raw: { socket },
  } as unknown as FastifyRequest;
  const headers: Record<string, string> = {};
  const reply = { header: (name: string, value: string) => (headers[name] = value) } as unknown as FastifyReply;
  const sessions = {
    known: ({ headers }: Asking) => (headers.authorization === 'Bearer known' ? SESSION : undefined),
    isFamiliar: ({ headers }: Asking) => headers.authorization === 'Bearer familiar',
  };
  const outcomes: unknown[] = [];
  const step = giveWayStep(sessions as never, rightOfWay);
  const enter = () => step(request, reply, (error) => outcomes.push(error ?? 'passed'));
  /** So that nobody else has a turn left. */
  const busy = () => {
    rightOfWay.pass();
    while (rightOfWay.size === 0) rightOfWay.wait(() => undefined);
  };
  return { rightOfWay, request, socket, headers, outcomes, enter, busy };
}

const people: Access = { users: true, agents: false };

describe('a request', () => {
  it('of a known caller goes on, however many wait', () => {
    const { busy, enter, outcomes, request } = crossing(people, 'Bearer known');
    busy();
    enter();
    expect([outcomes, request.session]).toEqual([['passed'], SESSION]);
  });

  it('with a token that was good the last time goes on too, and is still to be authenticated', () => {
    const { busy, enter, outcomes, request } = crossing(people, 'Bearer familiar');
    busy();
    enter();
    expect([outcomes, request.session]).toEqual([['passed'], undefined]);
  });

  it.each([
    ['without a known token', people, undefined],
    ['for what anybody may ask, with a token or not', 'public' as const, 'Bearer known'],
    ['for nothing, with a token or not', undefined, 'Bearer known'],
  ])('%s waits for its turn', (_, access, token) => {
    const { busy, enter, outcomes, request, rightOfWay } = crossing(access, token);
    enter();
    expect(outcomes).toEqual(['passed']);
    busy();
    enter();
    expect([outcomes.length, rightOfWay.size, request.session]).toEqual([1, 2, undefined]);
    rightOfWay.close();
  });

  it('is refused where too many wait, and its connection with it', () => {
    const { busy, enter, outcomes, headers, rightOfWay } = crossing(people);
    busy();
    while (rightOfWay.wait(() => undefined));
    enter();
    expect(outcomes).toMatchObject([{ code: 'unavailable' }]);
    expect(headers).toEqual({ connection: 'close' });
    rightOfWay.close();
  });

  it('whose client has gone away while it waited is not gone on with', () => {
    const { enter, outcomes, socket } = crossing(people);
    socket.destroyed = true;
    enter();
    expect(outcomes).toEqual([]);
  });
});
