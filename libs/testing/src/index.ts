export { createTestDatabase, type TestDatabase } from './test-database.js';
export { startNats, freePort, type TestNats } from './nats-server.js';
export { startTcpProxy, type TcpProxy } from './tcp-proxy.js';
export { eventually } from './eventually.js';
export { CKR, FaultyModule } from './faulty-module.js';
export { FakeOidcIssuer, type Misbehaviour } from './fake-oidc-issuer.js';
export { FullDisk } from './full-disk.js';
export { FaultyClocks } from './faulty-clock.js';
