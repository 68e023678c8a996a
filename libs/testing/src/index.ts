export { createTestDatabase, type TestDatabase } from './test-database.js';
export { startNats, freePort, type TestNats } from './nats-server.js';
export { startTcpProxy, type TcpProxy } from './tcp-proxy.js';
export { eventually } from './eventually.js';
export { FaultyModule } from './faulty-module.js';
export { FakeOidcIssuer, type Misbehaviour } from './fake-oidc-issuer.js';
export { FullDisk } from './full-disk.js';
