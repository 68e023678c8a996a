import { randomBytes, randomInt } from 'node:crypto';
import http from 'node:http';
import { parseArgs } from 'node:util';
import { locateNativeTools, type Stack } from '@oneclaw/stack';
import { FaultyModule } from '@oneclaw/testing';
import { gatewayOf } from '../../stacks.js';
import { newOwner, newVault, secretUrl } from '../../world.js';
import { faultStack } from '../fault-stack.js';

/**
 * `npm run test:plaintexts [-- --reads 1000000]`: 64 callers read values of 0 bytes to 256 KiB and compare every byte; half of the
 * reads while each call of the HSM takes a millisecond more, so that many are under way inside the module at once.
 */
const { values: options } = parseArgs({ options: { reads: { type: 'string', default: '1000000' } } });
const CALLERS = 64;
const HSM_DELAY_MS = 1;
const PROGRESS = 50_000;
const LARGEST = 256 * 1024;
/** Bytes of the values; most are as small as secrets are. */
const SIZES = [0, 1, 1023, 1024, 65_535, 65_536, LARGEST, ...Array.from({ length: 250 }, () => randomInt(2, 500))];

interface Secret {
  url: string;
  value: string;
}

interface Tally {
  right: number;
  wrong: number;
  /** Not answered with a value. */
  failed: number;
  bytes: number;
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const device = new FaultyModule(locateNativeTools().pkcs11Module);
device.countNoCalls();
const stack = await faultStack({
  env: { 'crypto-svc': { PKCS11_MODULE: device.path }, 'billing-svc': { DEFAULT_TIER: 'enterprise' } },
});
try {
  const half = Math.ceil(Number(options.reads) / 2);
  const { secrets, headers } = await store(stack);
  await readAll('without a delay', half, secrets, headers);
  device.slow('any', HSM_DELAY_MS);
  await readAll(`with ${HSM_DELAY_MS} ms more for each call of the HSM`, half, secrets, headers);
} finally {
  await stack.stop();
  device.destroy();
}

async function store(at: Stack): Promise<{ secrets: Secret[]; headers: http.OutgoingHttpHeaders }> {
  const owner = await newOwner(gatewayOf(at));
  const vault = await newVault(owner);
  const secrets: Secret[] = [];
  for (const [index, size] of SIZES.entries()) {
    const value = textOf(size);
    const url = secretUrl(vault, `value-${index}`);
    (await owner.api.put(url, { value })).as(201);
    secrets.push({ url, value });
  }
  // A person's token ends after a quarter of an hour; a key does not.
  const { api_key } = (await owner.api.post('/v1/auth/api-keys', { name: 'reader' })).as<{ api_key: string }>(201);
  return { secrets, headers: { authorization: `Bearer ${api_key}` } };
}

/** So many bytes of UTF-8, also beyond ASCII. */
function textOf(size: number): string {
  const snowmen = '☃'.repeat(Math.min(3, Math.floor(size / 3)));
  const rest = size - Buffer.byteLength(snowmen);
  return snowmen + randomBytes(rest).toString('base64').slice(0, rest);
}

async function readAll(
  how: string,
  count: number,
  secrets: readonly Secret[],
  headers: http.OutgoingHttpHeaders,
): Promise<void> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: CALLERS });
  const tally: Tally = { right: 0, wrong: 0, failed: 0, bytes: 0 };
  const started = performance.now();
  let left = count;
  const work = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      if (left % PROGRESS === 0 && left > 0) say(`  ${left} to go`);
      await readOne(secrets[randomInt(secrets.length)] as Secret, agent, headers, tally);
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, work));
  agent.destroy();
  const seconds = (performance.now() - started) / 1000;
  const { right, wrong, failed, bytes } = tally;
  say(
    `${how}: ${right} right, ${wrong} wrong, ${failed} failed; ${(bytes / 2 ** 20).toFixed(0)} MiB compared, ${(count / seconds).toFixed(0)} reads/s`,
  );
  if (wrong > 0 || failed > 0) process.exitCode = 1;
}

async function readOne(
  { url, value }: Secret,
  agent: http.Agent,
  headers: http.OutgoingHttpHeaders,
  tally: Tally,
): Promise<void> {
  const body = await new Promise<Buffer | undefined>((resolve) => {
    const request = http.get(stack.url + url, { agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve(response.statusCode === 200 ? Buffer.concat(chunks) : undefined));
      response.on('error', () => resolve(undefined));
    });
    request.on('error', () => resolve(undefined));
  });
  if (!body) tally.failed += 1;
  else if ((JSON.parse(body.toString()) as { value: string }).value === value) tally.right += 1;
  else tally.wrong += 1;
  tally.bytes += Buffer.byteLength(value);
}
