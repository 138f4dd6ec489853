import { once } from 'node:events';
import http from 'node:http';
import type net from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { Socket, type SocketDuplex } from '../../lib/index.ts';
import { closed, pattern, serve, streamOf } from '../support/duplex.ts';
import { describeEachHosting, type HostingUnderTest } from '../support/hosted.ts';
import { addressOf, listen } from '../support/sockets.ts';

interface Both {
  readonly client: WebSocket;
  readonly server: WebSocket;
  readonly streams: SocketDuplex[];
}

/** A client and a server of the package ws, as they stand, with streams of sockets beneath. */
const both = async (host: HostingUnderTest): Promise<Both> => {
  const [poller, listener, streams] = [host.poller(), listen(), [] as SocketDuplex[]];
  const server = http.createServer();
  const sockets = new WebSocketServer({ server });
  onTestFinished(() => sockets.close());
  serve(listener, { poller }, (stream) => {
    streams.push(stream);
    server.emit('connection', stream);
  });
  const client = new WebSocket('ws://localhost/', {
    createConnection: () => {
      const stream = streamOf(Socket.connect(addressOf(listener)), { poller });
      streams.push(stream);
      // The package asks for a net.Socket, and uses no more than this of it.
      return stream as unknown as net.Socket;
    },
  });
  const [[accepted]] = (await Promise.all([once(sockets, 'connection'), once(client, 'open')])) as [
    [WebSocket],
    unknown,
  ];
  return { client, server: accepted, streams };
};

describeEachHosting('the package ws over streams of sockets', (host) => {
  it('carries text and megabytes, both ways', async () => {
    const { client, server } = await both(host);
    server.on('message', (data, binary) => server.send(data, { binary }));
    const data = pattern(1_500_000);
    client.send('grüße');
    client.send(data);
    const [text, isBinary] = (await once(client, 'message')) as [Buffer, boolean];
    expect([text.toString(), isBinary]).toEqual(['grüße', false]);
    const [back] = (await once(client, 'message')) as [Buffer];
    expect(back.equals(data)).toBe(true);
  });

  it('says goodbye at both ends', async () => {
    const { client, server, streams } = await both(host);
    const heard = once(server, 'close');
    client.close(4000, 'enough');
    const [code, reason] = (await heard) as [number, Buffer];
    expect([code, reason.toString()]).toEqual([4000, 'enough']);
    await Promise.all(streams.map(closed));
  });

  it('hears of a peer that is gone', async () => {
    const { client, server } = await both(host);
    const heard = once(client, 'close');
    server.terminate();
    expect((await heard)[0]).toBe(1006);
  });
});
