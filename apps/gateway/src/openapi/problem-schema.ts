/** RFC 9457, as http/problem.ts encodes it. */
export const problemSchema = {
  type: 'object',
  description: 'What went wrong (RFC 9457).',
  properties: {
    type: {
      type: 'string',
      description: '`about:blank`, or `resource_limit_exceeded` where the plan allows no more.',
      examples: ['about:blank'],
    },
    title: { type: 'string', description: 'The name of the status.' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'What happened and what to mend.' },
    instance: { type: 'string', description: 'The request id; quote it when you report a problem.' },
    fields: {
      type: 'object',
      additionalProperties: { type: 'string' },
      description: 'Of a 400: what is wrong, by the path of the field.',
      examples: [{ name: 'is required' }],
    },
  },
  required: ['type', 'title', 'status', 'detail', 'instance'],
};
