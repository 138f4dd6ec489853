import { expect, it } from 'vitest';
import { sendOrder } from '../../../lib/cli/orders.ts';
import { ServerProcess } from '../../../lib/cli/server_process.ts';
import { READABLE, Socket, waitFor } from '../../../lib/index.ts';
import { built } from '../dist.ts';

it('connects as many clients at once as are asked for, answers an end by a reset, and says how many there were', async () => {
  const [ours, theirs] = Socket.pair();
  const server = new ServerProcess(built('cli/connector.js'), 'connections', theirs);
  const listener = Socket.listen('127.0.0.1:0', { options: {} });
  const address = listener.localAddress;
  sendOrder(ours, { port: address && 'port' in address ? address.port : 0, clients: 3, ms: 0 });

  const accepted: Socket[] = [];
  while (accepted.length < 3) {
    expect(waitFor(listener, READABLE, 10_000)).not.toBe(0);
    accepted.push(...listener.acceptAll());
  }
  for (const socket of accepted) {
    socket.shutdown('write');
    expect(waitFor(socket, READABLE, 10_000)).not.toBe(0);
    expect(() => socket.recv(new Uint8Array(1))).toThrow('ECONNRESET');
    socket.close();
  }
  expect(waitFor(ours, READABLE, 10_000)).not.toBe(0);
  const buffer = Buffer.alloc(4096);
  expect(JSON.parse(buffer.toString('utf8', 0, ours.recv(buffer)))).toMatchObject({ connections: 3 });
  expect(listener.accept()).toBeUndefined();
  for (const socket of [listener, ours]) socket.close();
  await server.close();
});
