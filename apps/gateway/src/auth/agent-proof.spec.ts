import { describe, expect, it } from '@jest/globals';
import { isDomainError } from '@oneclaw/errors';
import { proofOf } from './agent-proof.js';

const ID = '0191e3c4-1111-7000-8000-000000000001';
const SHOWN = Buffer.alloc(32, 1);

function fieldsOf(body: Parameters<typeof proofOf>[0], fingerprint?: Buffer): string[] {
  try {
    proofOf(body, fingerprint);
    return [];
  } catch (error) {
    if (isDomainError(error, 'invalid_argument')) return Object.keys(error.fields);
    throw error;
  }
}

const body = (fields: Partial<Parameters<typeof proofOf>[0]>) => ({
  agent_id: undefined,
  api_key: undefined,
  client_assertion: undefined,
  ...fields,
});

describe('the proof of an agent', () => {
  it('is a key before anything else', () => {
    const both = body({ agent_id: ID, api_key: 'ocv_x', client_assertion: 'a.b.c' });
    expect(proofOf(both, SHOWN)).toEqual({ kind: 'key', agentId: ID, apiKey: 'ocv_x' });
    expect(proofOf(body({ api_key: 'ocv_x' }), SHOWN)).toEqual({ kind: 'key', agentId: undefined, apiKey: 'ocv_x' });
  });

  it('is an assertion before a certificate', () => {
    const given = body({ agent_id: ID, client_assertion: 'a.b.c' });
    expect(proofOf(given, SHOWN)).toEqual({ kind: 'assertion', agentId: ID, clientAssertion: 'a.b.c' });
  });

  it('is a certificate where there is nothing else', () => {
    expect(proofOf(body({ agent_id: ID }), SHOWN)).toEqual({ kind: 'certificate', agentId: ID, fingerprint: SHOWN });
  });

  it('is missing where there is none of them', () => {
    expect(fieldsOf(body({ agent_id: ID }))).toEqual(['api_key']);
    expect(fieldsOf(body({}))).toEqual(['api_key']);
  });

  it('needs the name of the agent unless it is a key', () => {
    expect(fieldsOf(body({ client_assertion: 'a.b.c' }))).toEqual(['agent_id']);
    expect(fieldsOf(body({}), SHOWN)).toEqual(['agent_id']);
  });
});
