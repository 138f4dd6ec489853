import { describe, expect, it } from 'vitest';
import { Socket } from '../../lib/index.ts';
import { systemNumber } from '../../lib/socket_kinds.ts';
import { checkDescriptorsAfterEachTest } from '../support/descriptors.ts';
import { expectFdError } from '../support/expect.ts';
import {
  addressOf,
  bytes,
  closing,
  connect,
  connection,
  drain,
  fill,
  listen,
  pair,
  reset,
  say,
} from '../support/sockets.ts';
import { startWorker } from '../support/threads.ts';

const TIME = 30;

/** How long a call took, which has to be at least its timeout. */
const lasting = <T>(least: number, call: () => T): T => {
  const start = performance.now();
  const answer = call();
  expect(performance.now() - start, 'never early').toBeGreaterThanOrEqual(least);
  return answer;
};

/** A Worker that does something to a descriptor of this process after a while. */
const later = async (what: string, fd: number): Promise<void> => {
  await startWorker('later.mjs', { what, fd });
};

describe('a socket with a timeout', () => {
  checkDescriptorsAfterEachTest();

  it('waits that long, then gives the usual answer', () => {
    const [a, b] = pair();
    fill(b);
    const listener = listen();
    for (const socket of [a, b, listener]) socket.timeout = TIME;
    drain(a);
    a.timeout = TIME;
    expect(lasting(TIME, () => a.recv(Buffer.alloc(1)))).toBe(-1);
    a.timeout = 0;
    fill(a);
    a.timeout = TIME;
    expect(lasting(TIME, () => a.send(bytes('x')))).toBe(-1);
    expect(lasting(TIME, () => listener.accept())).toBeUndefined();
  });

  it('does not wait for what is there', () => {
    const [a, b] = pair();
    a.timeout = Number.POSITIVE_INFINITY;
    say(b, 'here');
    expect(a.recv(Buffer.alloc(9))).toBe(4);
    expect(a.send(bytes('there'))).toBe(5);
    expect(drain(b).text).toBe('there');
    b.close();
    expect(a.recv(Buffer.alloc(9))).toBe(0);
  });

  it('gets what comes meanwhile', async () => {
    const [a, b] = pair();
    a.timeout = 10_000;
    await later('write', b.fd);
    const buffer = Buffer.alloc(16);
    expect(buffer.toString('utf8', 0, a.recv(buffer))).toBe('late');
  });

  it('accepts who comes meanwhile', async () => {
    const listener = listen();
    const address = addressOf(listener);
    listener.timeout = 10_000;
    await later('connect', 'port' in address ? address.port : 0);
    const socket = closing(listener.accept() ?? expect.fail('nobody came'));
    expect(socket.timeout).toBe(0);
    const buffer = Buffer.alloc(16);
    socket.timeout = 10_000;
    expect(buffer.toString('utf8', 0, socket.recv(buffer))).toBe('late');
  });

  it('throws what goes wrong meanwhile', () => {
    const [client, server] = connection();
    server.timeout = 10_000;
    reset(client, server);
    expectFdError(() => server.recv(Buffer.alloc(1)), 'ECONNRESET', 'recv');
  });

  it('connects within it, and throws what refuses', () => {
    const listener = listen();
    const client = closing(new Socket('inet', 'stream'));
    client.timeout = 10_000;
    expect(client.connect(addressOf(listener))).toBe(true);
    const free = addressOf(listener);
    listener.close();
    const refused = closing(new Socket('inet', 'stream'));
    refused.timeout = 10_000;
    expectFdError(() => refused.connect(free), 'ECONNREFUSED', 'connect');
  });

  it('does not wait with MSG_DONTWAIT', () => {
    const [a] = pair();
    a.timeout = Number.POSITIVE_INFINITY;
    expect(a.recv(Buffer.alloc(1), 0, 1, systemNumber('MSG_DONTWAIT'))).toBe(-1);
    a.timeout = 0;
    fill(a);
    a.timeout = Number.POSITIVE_INFINITY;
    expect(a.send(bytes('x'), 0, 1, systemNumber('MSG_DONTWAIT'))).toBe(-1);
  });

  it('takes no time into the next call: the socket itself never blocks', () => {
    const [a] = pair();
    a.timeout = TIME;
    a.timeout = 0;
    const start = performance.now();
    for (let i = 0; i < 100; i++) expect(a.recv(Buffer.alloc(1))).toBe(-1);
    expect(performance.now() - start).toBeLessThan(TIME * 50);
  });
});

describe('MSG_WAITALL', () => {
  checkDescriptorsAfterEachTest();
  const all = systemNumber('MSG_WAITALL');

  it('without a timeout gives what is there', () => {
    const [a, b] = pair();
    say(b, 'half');
    expect(a.recv(Buffer.alloc(8), 0, 8, all)).toBe(4);
  });

  it('with a timeout waits for all of the part', async () => {
    const [a, b] = pair();
    a.timeout = 10_000;
    say(b, 'ear');
    await later('write', b.fd);
    const buffer = Buffer.alloc(9, '.');
    expect(a.recv(buffer, 1, 7, all)).toBe(7);
    expect(buffer.toString()).toBe('.earlate.');
  });

  it('gives what came when the time is over, or -1 for nothing', () => {
    const [a, b] = pair();
    a.timeout = TIME;
    expect(lasting(TIME, () => a.recv(Buffer.alloc(8), 0, 8, all))).toBe(-1);
    say(b, 'half');
    expect(lasting(TIME, () => a.recv(Buffer.alloc(8), 0, 8, all))).toBe(4);
  });

  it('gives what came before the end, then the end', () => {
    const [a, b] = pair();
    a.timeout = 10_000;
    say(b, 'half');
    b.close();
    expect(a.recv(Buffer.alloc(8), 0, 8, all)).toBe(4);
    expect(a.recv(Buffer.alloc(8), 0, 8, all)).toBe(0);
  });

  it('loses neither the bytes before a reset nor the reset', () => {
    const [client, server] = connection();
    server.timeout = 10_000;
    say(client, 'half');
    expect(server.recv(Buffer.alloc(1), 0, 1, systemNumber('MSG_PEEK'))).toBe(1);
    reset(client, server);
    const buffer = Buffer.alloc(8);
    const first = server.recv(buffer, 0, 8, all);
    expect(first).toBe(4);
    expectFdError(() => server.recv(buffer, 0, 8, all), 'ECONNRESET');
  });

  it('does not join datagrams', () => {
    const [a, b] = Socket.pair('dgram');
    closing(a).timeout = TIME;
    closing(b).send(bytes('one'));
    b.send(bytes('two'));
    expect(a.recv(Buffer.alloc(8), 0, 8, all)).toBe(3);
  });

  it('with MSG_PEEK gives what is there, and leaves it there', () => {
    const [a, b] = pair();
    a.timeout = 10_000;
    say(b, 'half');
    expect(a.recv(Buffer.alloc(8), 0, 8, all | systemNumber('MSG_PEEK'))).toBe(4);
    a.timeout = 0;
    expect(drain(a).text).toBe('half');
  });
});

describe('Socket.connect with a timeout', () => {
  checkDescriptorsAfterEachTest();

  it('says ETIMEDOUT with the address when a full backlog drops the attempt', () => {
    const listener = closing(Socket.listen('127.0.0.1:0', { backlog: 0 }));
    const address = addressOf(listener);
    // Linux keeps one more than the backlog; what comes after that is dropped and tried again for minutes.
    const first = connect(address);
    const error = expectFdError(() => {
      for (let i = 0; i < 16; i++) closing(Socket.connect(address, { timeout: TIME }));
    }, 'ETIMEDOUT');
    expect(error).toMatchObject({ syscall: 'connect', address: '127.0.0.1' });
    first.close();
  });
});
