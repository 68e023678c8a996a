import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Lock } from './lock.js';
import { processIdentity } from './process-identity.js';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'oneclaw-lock-'));
  file = path.join(folder, 'stack.lock');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the lock of a state folder', () => {
  it('turns away a second stack with a sentence that names the first', () => {
    Lock.acquire(file);
    expect(() => Lock.acquire(file)).toThrow(`OneClaw already runs from this folder (process ${process.pid})`);
  });

  it('is free again after it was released', () => {
    Lock.acquire(file).release();
    expect(existsSync(file)).toBe(false);
    expect(() => Lock.acquire(file)).not.toThrow();
  });

  it('is taken over from a holder that is gone', () => {
    writeFileSync(file, '999999999 nobody\n');
    Lock.acquire(file);
    expect(readFileSync(file, 'utf8')).toContain(`${process.pid} `);
  });

  it('is taken over when the pid of its holder belongs to another process by now', () => {
    writeFileSync(file, `${process.ppid} an-earlier-life\n`);
    expect(processIdentity(process.ppid)).toBeDefined();
    expect(() => Lock.acquire(file)).not.toThrow();
  });
});
