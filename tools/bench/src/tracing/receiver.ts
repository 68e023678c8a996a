import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An OpenTelemetry receiver that takes everything and keeps nothing, in a process of its own. Sends its address to its parent. */
const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end());
});
server.listen(0, '127.0.0.1', () => process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
process.once('disconnect', () => process.exit());
