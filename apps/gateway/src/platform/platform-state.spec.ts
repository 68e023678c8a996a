import { describe, expect, it } from '@jest/globals';
import { createLogger } from '@oneclaw/telemetry';
import { PlatformState } from './platform-state.js';

const logger = createLogger({ service: 'test', level: 'silent' });
const ON = { maintenance: true, requireSimulation: false };
const OFF = { maintenance: false, requireSimulation: false };

/** auth-svc as one wants it, a heartbeat and a clock. */
function world() {
  const auth = { answer: OFF, away: false, asked: 0, before: () => Promise.resolve() };
  const heartbeat = { fresh: true };
  const clock = { now: 0 };
  const client = {
    getPlatformState: async () => {
      auth.asked += 1;
      const { answer } = auth;
      await auth.before();
      if (auth.away) throw new Error('away');
      return answer;
    },
  };
  return { auth, heartbeat, clock, state: new PlatformState(client, heartbeat, logger, () => clock.now) };
}

describe('what is known of the platform', () => {
  it('is asked for once, by all together, and kept while the heartbeat is heard', async () => {
    const { auth, clock, state } = world();
    expect(state.known).toBeUndefined();
    auth.answer = ON;
    expect(await Promise.all([state.get(), state.get()])).toEqual([ON, ON]);
    clock.now = 1_000_000;
    expect(state.known).toEqual(ON);
    expect(auth.asked).toBe(1);
  });

  it('is void when auth-svc says so, or something may have been missed', async () => {
    const { auth, state } = world();
    await state.get();
    state.onKeys(['user:x']);
    expect(state.known).toEqual(OFF);
    state.onKeys(['user:x', 'platform:state']);
    expect(state.known).toBeUndefined();
    auth.answer = ON;
    expect(await state.get()).toEqual(ON);
    state.forget();
    expect(state.known).toBeUndefined();
  });

  it('is not kept where it was void before the answer came', async () => {
    const { auth, state } = world();
    auth.before = async () => {
      auth.before = () => Promise.resolve();
      auth.answer = ON;
      state.onKeys(['platform:state']);
    };
    expect(await state.get()).toEqual(OFF);
    expect(state.known).toBeUndefined();
    expect(await state.get()).toEqual(ON);
  });

  it('serves for a quarter of a second while no heartbeat is heard', async () => {
    const { auth, clock, heartbeat, state } = world();
    heartbeat.fresh = false;
    await state.get();
    clock.now = 249;
    expect(state.known).toEqual(OFF);
    clock.now = 250;
    expect(state.known).toBeUndefined();
    auth.answer = ON;
    expect(await state.get()).toEqual(ON);
    heartbeat.fresh = true;
    clock.now = 600;
    // It was not heard when this was asked for: something may have been missed.
    expect(state.known).toBeUndefined();
  });

  it('is what was known last while auth-svc cannot be asked, and asked for again soon', async () => {
    const { auth, clock, state } = world();
    auth.answer = ON;
    await state.get();
    state.forget();
    auth.away = true;
    expect(await state.get()).toEqual(ON);
    expect(state.known).toEqual(ON);
    clock.now = 250;
    expect(state.known).toBeUndefined();
    auth.away = false;
    auth.answer = OFF;
    expect(await state.get()).toEqual(OFF);
    expect(state.known).toEqual(OFF);
  });

  it('is the newest answer while auth-svc cannot be asked, though that one was void when it came', async () => {
    const { auth, state } = world();
    await state.get();
    auth.answer = ON;
    auth.before = async () => state.onKeys(['platform:state']);
    expect(await state.get()).toEqual(ON);
    auth.away = true;
    expect(await state.get()).toEqual(ON);
  });

  it('is not replaced by an older answer that comes late', async () => {
    const { auth, state } = world();
    let release: () => void = () => undefined;
    auth.before = () => new Promise((resolve) => (release = resolve));
    const late = state.get();
    auth.before = () => Promise.resolve();
    state.forget();
    auth.answer = ON;
    await state.get();
    release();
    await late;
    state.forget();
    auth.away = true;
    expect(await state.get()).toEqual(ON);
  });

  it('is no maintenance where nobody has ever said so', async () => {
    const { auth, state } = world();
    auth.away = true;
    expect(await state.get()).toEqual(OFF);
  });
});
