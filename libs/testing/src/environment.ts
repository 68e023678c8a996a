/** What `npm test` provides to integration tests. */
type Provided = 'TEST_POSTGRES_URL' | 'TEST_NATS_SERVER';

export function provided(name: Provided): string {
  const value = process.env[name];
  if (!value)
    throw new Error(`${name} is not set. Integration tests run through npm test, e.g. npm test -- libs/events.`);
  return value;
}
