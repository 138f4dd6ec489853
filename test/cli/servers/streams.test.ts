import { describe, expect, it } from 'vitest';
import { Connection, type Endpoint, Listener, Slab } from '../../../lib/cli/servers/streams.ts';
import { Poller, READABLE, Socket, waitFor } from '../../../lib/index.ts';
import { closing, pair } from '../../support/sockets.ts';

const MANY = new Uint8Array(1 << 20).map((_, i) => i % 253);

function open() {
  const poller = closing(new Poller<Endpoint>());
  const [ours, theirs] = pair();
  const connection = new Connection(poller, theirs, new Uint8Array(65_536));
  return { poller, ours, theirs, connection };
}

function servePlain(poller: Poller<Endpoint>): void {
  for (const { data, flags } of poller.wait(0)) data.serve(flags);
}

/** What comes back of `MANY` when the client reads late. */
function exchange(ours: Socket, serve: () => void): Buffer {
  const received = Buffer.alloc(MANY.length);
  for (let sent = 0, got = 0; got < MANY.length; ) {
    sent += sent < MANY.length ? Math.max(0, ours.send(MANY, sent)) : 0;
    serve();
    got += Math.max(0, ours.recv(received, got));
  }
  return received;
}

describe('Connection', () => {
  it('sends back every byte, also when there is no room for a while', () => {
    const { poller, ours } = open();
    expect(exchange(ours, () => servePlain(poller)).equals(MANY)).toBe(true);
  });

  it('closes with the peer', () => {
    const { poller, ours, theirs } = open();
    ours.close();
    servePlain(poller);
    expect(theirs.closed).toBe(true);
  });
});

describe('Slab', () => {
  it('sends back every byte, also when there is no room for a while', () => {
    const { poller, ours } = open();
    const slab = new Slab();
    expect(exchange(ours, () => slab.serve(poller.wait(0))).equals(MANY)).toBe(true);
  });

  it('serves what is no connection, and closes with the peer', () => {
    const { poller, ours, theirs } = open();
    const [more, other] = pair();
    let served = 0;
    poller.add(other.fd, READABLE, {
      data: {
        serve: () => {
          served++;
        },
      },
    });
    more.send(new Uint8Array(1));
    ours.close();
    new Slab().serve(poller.wait(0));
    expect([served, theirs.closed]).toEqual([1, true]);
  });
});

describe('Listener', () => {
  it('serves the connections that it accepts', () => {
    const poller = closing(new Poller<Endpoint>());
    const socket = closing(Socket.listen('127.0.0.1:0'));
    new Listener(poller, socket, new Uint8Array(64), () => {});
    const client = closing(Socket.connect(socket.localAddress ?? '', { timeout: 1000 }));
    client.timeout = 0;
    client.send(Buffer.from('hello'));
    const buffer = Buffer.alloc(5);
    waitFor(socket, READABLE, 1000);
    for (let turn = 0; turn < 2; turn++) for (const { data, flags } of poller.wait(1000)) data.serve(flags);
    waitFor(client, READABLE, 1000);
    client.recv(buffer);
    expect(buffer.toString()).toBe('hello');
    client.close();
    servePlain(poller);
  });

  it('turns away what the poller does not take, and says why', () => {
    const poller = new Poller<Endpoint>();
    const socket = closing(Socket.listen('127.0.0.1:0'));
    const refused: string[] = [];
    const listener = new Listener(poller, socket, new Uint8Array(64), (message) => refused.push(message));
    const client = closing(Socket.connect(socket.localAddress ?? '', { timeout: 1000 }));
    poller.close();
    waitFor(socket, READABLE, 1000);
    listener.serve();
    expect(refused).toHaveLength(1);
    expect(client.recv(new Uint8Array(1))).toBe(0);
  });
});
