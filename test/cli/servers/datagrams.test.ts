import { describe, expect, it } from 'vitest';
import { DatagramBatches, Datagrams } from '../../../lib/cli/servers/datagrams.ts';
import type { Endpoint } from '../../../lib/cli/servers/streams.ts';
import { Poller, Socket } from '../../../lib/index.ts';
import { closing } from '../../support/sockets.ts';

describe.each([Datagrams, DatagramBatches])('%s', (Served) => {
  it('sends each datagram back to its sender, 64 in a turn', () => {
    const poller = closing(new Poller<Endpoint>());
    const socket = closing(Socket.listen('127.0.0.1:0', { type: 'dgram' }));
    new Served(poller, socket);
    const clients = Array.from({ length: 100 }, () =>
      closing(Socket.connect(socket.localAddress ?? '', { type: 'dgram' })),
    );
    for (const [i, client] of clients.entries()) client.send(Buffer.from(`datagram ${i}`));
    for (let turn = 0; turn < 2; turn++) for (const { data, flags } of poller.wait(1000)) data.serve(flags);
    const buffer = Buffer.alloc(64);
    const replies = clients.map((client) => buffer.toString('utf8', 0, client.recv(buffer)));
    expect(replies).toEqual(clients.map((_, i) => `datagram ${i}`));
    expect(poller.wait(0).length).toBe(0);
  });
});
