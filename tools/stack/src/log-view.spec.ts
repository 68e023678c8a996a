import { describe, expect, it } from '@jest/globals';
import { LogView } from './log-view.js';

const plain = new LogView(false);
const json = (entry: object): string => JSON.stringify({ level: 'info', time: '2025-01-02T03:04:05.006Z', ...entry });

describe('the log view', () => {
  it('shows a JSON line as time, level, message and fields, after the name of its service', () => {
    const line = plain.format(
      'vault-svc',
      json({ service: 'vault-svc', msg: 'served', status: 200, path: '/v1/vaults' }),
    );
    expect(line).toMatch(/^vault-svc {4}│ \d\d:\d\d:05\.006 info {2}served status=200 path=\/v1\/vaults$/);
  });

  it('quotes values with spaces and shows nested ones as JSON', () => {
    expect(plain.format('x', json({ msg: 'm', why: 'a b', what: { n: 1 } }))).toContain('m why="a b" what={"n":1}');
  });

  it('puts the stack of an error below its line, under the same prefix', () => {
    const err = { type: 'Error', message: 'no', stack: 'Error: no\n    at a\n    at b' };
    const lines = plain.format('gateway', json({ level: 'error', msg: 'failed', err })).split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[0]).toContain('error failed err="Error: no"');
    expect(lines[2]).toBe('gateway      │     at b');
  });

  it('passes on what is not JSON as it is', () => {
    expect(plain.format('postgres', 'LOG:  ready')).toBe('postgres     │ LOG:  ready');
    expect(plain.format('x', '{broken')).toBe('x            │ {broken');
  });

  it('takes nothing out: redaction is the business of the services', () => {
    expect(plain.format('x', json({ msg: 'm', password: 'seen' }))).toContain('password=seen');
  });

  it('gives each service a colour of its own and keeps it', () => {
    const view = new LogView(true);
    const colour = (source: string): string | undefined => view.format(source, 'x').split('m')[0];
    expect(colour('a')).not.toBe(colour('b'));
    expect(colour('a')).toBe(colour('a'));
  });
});
