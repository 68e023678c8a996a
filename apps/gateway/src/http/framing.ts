import type { IncomingMessage } from 'node:http';
import { HttpRefusal } from './http-refusal.js';

/** Headers of which node keeps the first and drops the rest; another parser may keep the last. */
const SINGLE = new Set(['host', 'authorization', 'content-type']);
const LONGEST_SINGLE = 13;
/** `uri-host [ ":" port ]` (RFC 9110, section 7.2). */
const HOST = /^(?:\[[0-9a-f:.]+\]|[\w.~!$&'()*+,;=%-]*)(?::\d*)?$/i;

/**
 * What is wrong with a message that node's parser lets by and a server must refuse (RFC 9112, sections 3.2 and 6.1; RFC 9110, sections
 * 10.1.1 and 15.6.6). Where two parsers in a row can differ about a message, somebody can hide a request from the first. The connection ends with it.
 */
export function faultOf(message: IncomingMessage): HttpRefusal | undefined {
  const { httpVersion } = message;
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return refusal(505);
  const repeated = repeatedHeader(message.rawHeaders);
  if (repeated !== undefined) return refusal(400, `The header ${repeated} is there more than once.`);
  if (message.url?.includes('#')) return refusal(400, 'A request target has no fragment.');
  return faultOfHost(message) ?? faultOfCoding(message) ?? faultOfExpectation(message);
}

function faultOfHost({ httpVersion, headers: { host } }: IncomingMessage): HttpRefusal | undefined {
  if (host === undefined) return httpVersion === '1.1' ? refusal(400, 'The Host header is missing.') : undefined;
  return HOST.test(host) ? undefined : refusal(400, 'The Host header is no host.');
}

function faultOfCoding({ httpVersion, headers }: IncomingMessage): HttpRefusal | undefined {
  const coding = headers['transfer-encoding'];
  if (coding === undefined) return undefined;
  if (httpVersion === '1.0') return refusal(400, 'HTTP/1.0 has no Transfer-Encoding.');
  return coding.toLowerCase() === 'chunked'
    ? undefined
    : refusal(501, 'The only transfer coding known here is chunked.');
}

function faultOfExpectation({ httpVersion, headers: { expect } }: IncomingMessage): HttpRefusal | undefined {
  if (expect === undefined || httpVersion === '1.0' || expect.toLowerCase() === '100-continue') return undefined;
  return refusal(417);
}

function repeatedHeader(rawHeaders: readonly string[]): string | undefined {
  let seen = '';
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const given = rawHeaders[index] as string;
    if (given.length > LONGEST_SINGLE) continue;
    const name = given.toLowerCase();
    if (!SINGLE.has(name)) continue;
    if (seen.includes(name)) return given;
    seen += `${name} `;
  }
  return undefined;
}

function refusal(status: number, detail?: string): HttpRefusal {
  return new HttpRefusal(status, detail, { connection: 'close' });
}
