export { createTestDatabase, type TestDatabase } from './test-database.js';
export { startNats, freePort, type TestNats } from './nats-server.js';
export { eventually } from './eventually.js';
