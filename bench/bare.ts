/**
 * A process with the reference behind sockets: a listener that takes whatever came for one frame, puts it on disk by the bare group insert, and answers everyone
 * the same. It parses nothing, knows no duplicates and writes nothing else down: what is left is what sockets and senders cost.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { endWithParent } from './child.ts';
import { openGroupInsert } from './postgres.ts';

endWithParent();
const add = await openGroupInsert(process.argv[2] ?? '');
const ack = '\x0bMSH|^~\\&|WEIR|LAKESIDE|WARDBOOK|LAKESIDE|20260302101500+0000||ACK^A01^ACK|1|P|2.5.1\rMSA|AA|1\r\x1c\r';

const server = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => {});
  socket.on('data', (chunk) => void add(chunk.subarray(1, -2)).then(() => socket.write(ack, 'latin1')));
}).listen(0, '127.0.0.1');
await once(server, 'listening');
process.send?.((server.address() as AddressInfo).port);
