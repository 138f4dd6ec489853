import { describe, expect, it } from 'vitest';
import { acceptLoop, Poller, READABLE, Socket, WRITABLE, waitFor } from '../../lib/index.ts';
import { datagramSocket, linux } from '../support/datagrams.ts';
import { checkDescriptorsAfterEachTest } from '../support/descriptors.ts';
import { expectClosed, expectFdError } from '../support/expect.ts';
import { acceptOne, addressOf, bytes, closing, connect, connection, listen, portOf } from '../support/sockets.ts';

const stream = (): Socket => closing(new Socket('inet', 'stream'));

/** An address on which nobody listens any more. */
const nobody = (): string => {
  const listener = listen();
  const port = portOf(listener);
  listener.close();
  return `127.0.0.1:${port}`;
};

describe('a socket that is used out of order', () => {
  checkDescriptorsAfterEachTest();

  it('is bound once: EINVAL names the second address', () => {
    const socket = stream();
    socket.bind('127.0.0.1:0');
    const address = addressOf(socket);
    const error = expectFdError(() => socket.bind('127.0.0.2:0'), 'EINVAL', 'bind');
    expect([error.address, error.port]).toEqual(['127.0.0.2', 0]);
    expect(addressOf(socket)).toEqual(address);
  });

  it('may be bound and not listen: it accepts nothing, and nobody can connect', () => {
    const socket = stream();
    socket.bind('127.0.0.1:0');
    expect(socket.listening).toBe(false);
    expectFdError(() => socket.accept(), 'EINVAL', 'accept');
    expectFdError(() => Socket.connect(addressOf(socket), { timeout: 2000 }), 'ECONNREFUSED', 'connect');
    expect(socket.listening).toBe(false);
  });

  it('may listen twice, the backlog being the last one, and without a bind gets a port', () => {
    const socket = stream();
    socket.listen(1);
    socket.listen(16);
    expect([socket.listening, addressOf(socket)]).toMatchObject([true, { family: 'inet', host: '0.0.0.0' }]);
    for (let i = 0; i < 4; i++) connect(`127.0.0.1:${portOf(socket)}`);
    expect(socket.acceptAll().map(closing).length).toBe(4);
  });

  it('takes a connection also with a backlog of 0', () => {
    const listener = closing(Socket.listen('127.0.0.1:0', { backlog: 0 }));
    const client = connect(addressOf(listener));
    expect(acceptOne(listener).remoteAddress).toEqual(client.localAddress);
  });

  it('cannot listen when it is connected, nor connect when it listens', () => {
    const [client] = connection();
    expectFdError(() => client.listen(), 'EINVAL', 'listen');
    expect(client.listening).toBe(false);
    const listener = listen();
    expectFdError(() => listener.connect(addressOf(listener)), linux ? 'EISCONN' : 'EOPNOTSUPP', 'connect');
  });

  it('of datagrams neither listens nor accepts', () => {
    const socket = datagramSocket();
    const code = linux ? 'ENOTSUP' : 'EOPNOTSUPP';
    expectFdError(() => socket.listen(), code, 'listen');
    expect(socket.listening).toBe(false);
    expectFdError(() => socket.accept(), linux ? code : 'EINVAL', 'accept');
  });

  it('that is connected is EISCONN', () => {
    const [client, server] = connection();
    expectFdError(() => server.connect('127.0.0.1:9'), 'EISCONN', 'connect');
    expect(client.send(bytes('still there'))).toBe(11);
  });

  it('that is connecting is EALREADY, and can be closed at any time', () => {
    const listener = closing(Socket.listen('127.0.0.1:0', { backlog: 0 }));
    // The queue of established ones is full by then.
    const clients = Array.from({ length: 4 }, () => closing(Socket.connect(addressOf(listener))));
    const last = clients[3] as Socket;
    expect(waitFor(last, WRITABLE, 0)).toBe(0);
    const error = expectFdError(() => last.connect(addressOf(listener)), 'EALREADY', 'connect');
    expect(error.port).toBe(portOf(listener));
    last.close();
    expect(last.closed).toBe(true);
    expectClosed(() => last.takeError());
  });

  it('whose attempt failed tells that once; then it says so itself, or is as new', () => {
    const socket = stream();
    expect(socket.connect(nobody())).toBe(false);
    expect(waitFor(socket, WRITABLE, 2000)).not.toBe(0);
    expect(socket.takeError()).toMatchObject({ code: 'ECONNREFUSED', syscall: 'connect', fd: socket.fd });
    expect(socket.takeError()).toBeUndefined();
    if (!linux) return;
    const listener = listen();
    const error = expectFdError(() => socket.connect(addressOf(listener)), 'ECONNABORTED', 'connect');
    expect(error.message).toMatch(/make a new one/);
  });

  it('shuts down as often as it likes, until the peer is gone', () => {
    const [client, server] = connection();
    client.shutdown('write');
    client.shutdown('write');
    client.shutdown('both');
    expect(waitFor(server, READABLE, 2000)).not.toBe(0);
    expect(server.recv(Buffer.alloc(1))).toBe(0);
    server.reset();
    if (linux) {
      waitFor(client, READABLE, 2000);
      expectFdError(() => client.shutdown('both'), 'ENOTCONN', 'shutdown');
    }
  });

  it('closed while it is in progress is gone for both', () => {
    const listener = listen();
    const client = closing(Socket.connect(addressOf(listener)));
    client.reset();
    // Either it never came through, or it was reset.
    waitFor(listener, READABLE, 100);
    const server = listener.accept();
    if (server === undefined) return;
    expect(waitFor(closing(server), READABLE, 2000)).not.toBe(0);
    expectFdError(() => server.recv(Buffer.alloc(1)), 'ECONNRESET', 'recv');
  });
});

describe('a listener that is closed while it is served', () => {
  checkDescriptorsAfterEachTest();

  it('ends acceptLoop after the handler that closed it', () => {
    const listener = listen();
    const clients = [connect(addressOf(listener)), connect(addressOf(listener))];
    const served: unknown[] = [];
    acceptLoop(listener, (socket) => {
      served.push(socket.remoteAddress);
      listener.close();
      socket.close();
    });
    expect(served).toEqual([addressOf(clients[0] as Socket)]);
  });

  it('throws from accept within a batch, and the batch has no event for it any more', () => {
    const [first, second] = [listen(), listen()];
    connect(addressOf(first));
    connect(addressOf(second));
    const poller = closing(new Poller<Socket>());
    for (const listener of [first, second]) poller.add(listener, READABLE, { data: listener });
    const seen: Socket[] = [];
    expect(waitFor(first, READABLE, 2000) & waitFor(second, READABLE, 2000)).toBe(READABLE);
    for (const event of poller.wait(2000)) {
      seen.push(event.data);
      const other = event.data === first ? second : first;
      other.close();
      acceptOne(event.data);
      expectClosed(() => other.accept());
    }
    expect(seen.length).toBe(1);
  });
});
