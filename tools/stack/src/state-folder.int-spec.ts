import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Stack } from './stack.js';
import { StateFolder } from './state-folder.js';

let state: StateFolder;

beforeEach(() => {
  state = StateFolder.temporary();
});

afterEach(() => rmSync(state.path, { recursive: true, force: true }));

describe('a state folder', () => {
  it('keeps passwords to this user, and keeps them', () => {
    const { file, value } = state.password('x');
    expect(statSync(file).mode & 0o077).toBe(0);
    expect(StateFolder.open(state.path).password('x').value).toBe(value);
  });

  it('refuses a file in its place', () => {
    const file = path.join(state.path, 'file');
    writeFileSync(file, '');
    expect(() => StateFolder.open(file)).toThrow(`The state folder ${file} cannot be used: it is a file.`);
  });

  it('refuses a format of another version', () => {
    writeFileSync(state.at('format'), '2\n');
    expect(() => StateFolder.open(state.path)).toThrow('its format is "2", this version of OneClaw knows 1');
  });

  it('keeps the logs of the run before', () => {
    state.rotateLogs();
    writeFileSync(state.at('logs/a.log'), 'first');
    state.rotateLogs();
    expect(readFileSync(state.at('logs.previous/a.log'), 'utf8')).toBe('first');
  });
});

describe('a stack on a damaged state folder', () => {
  const start = () => Stack.create({ stateDir: state.path });
  const wholePostgres = () => {
    mkdirSync(state.at('postgres'));
    writeFileSync(state.at('postgres/PG_VERSION'), '18\n');
  };

  it('does not make new keys beside data that need the old ones', async () => {
    wholePostgres();
    await expect(start()).rejects.toThrow(
      /the HSM's token is missing .*delete the folder to start empty; every secret/,
    );
  });

  it('names a PIN that is missing', async () => {
    mkdirSync(state.at('softhsm/tokens'), { recursive: true });
    await expect(start()).rejects.toThrow(`the HSM's PIN is missing (${state.at('softhsm/pin')})`);
  });

  it('names a data folder that is none', async () => {
    mkdirSync(state.at('postgres'));
    await expect(start()).rejects.toThrow('is not a Postgres data folder');
  });

  it('names data of another Postgres', async () => {
    wholePostgres();
    writeFileSync(state.at('postgres/PG_VERSION'), '17\n');
    await expect(start()).rejects.toThrow('its data are of Postgres 17, not 18');
  });

  it('lets go of the lock after refusing', async () => {
    mkdirSync(state.at('postgres'));
    await expect(start()).rejects.toThrow();
    rmSync(state.at('postgres'), { recursive: true });
    const stack = await start();
    await stack.stop();
    chmodSync(state.path, 0o700);
  });
});
