import { describe, expect, it } from 'vitest';
import { DatagramBatch, dup, Poller, READABLE, Socket, WRITABLE, waitFor } from '../../lib/index.ts';
import { systemNumber } from '../../lib/socket_kinds.ts';
import {
  batchOf,
  connectedTo,
  datagramSocket,
  linux,
  put,
  receive,
  receiveTexts,
  setNumber,
  textAt,
  textsOf,
} from '../support/datagrams.ts';
import { checkDescriptorsAfterEachTest, openDescriptors } from '../support/descriptors.ts';
import { expectClosed, expectFdError } from '../support/expect.ts';
import { addressOf, closing, pair } from '../support/sockets.ts';
import { startHelper } from '../support/threads.ts';

const numbered = (count: number): string[] => Array.from({ length: count }, (_, i) => `datagram ${i}`);

const unixPair = (): [Socket, Socket] => {
  const [a, b] = Socket.pair('dgram');
  return [closing(a), closing(b)];
};

describe('a batch of datagrams', () => {
  checkDescriptorsAfterEachTest();

  it.each(['127.0.0.1:0', '[::1]:0'])('goes from one socket on %s to another, whole and in order', (address) => {
    const [server, client] = [datagramSocket(address), datagramSocket(address)];
    expect(client.sendBatch(batchOf(numbered(20), addressOf(server)))).toBe(20);
    expect(receiveTexts(server, 20)).toEqual(numbered(20));
    expect(server.recvBatch(new DatagramBatch(1))).toBe(-1);
  });

  it('says from whom each came', () => {
    const server = datagramSocket();
    const clients = [datagramSocket(), datagramSocket(), datagramSocket()];
    for (const [i, client] of clients.entries()) client.sendBatch(batchOf([`${i}`], addressOf(server)));
    const seen: Record<string, unknown> = {};
    while (Object.keys(seen).length < 3) {
      const batch = receive(server);
      for (let i = 0; i < batch.count; i++) seen[textAt(batch, i)] = batch.address(i);
    }
    expect(seen).toEqual(Object.fromEntries(clients.map((client, i) => [i, addressOf(client)])));
  });

  it('is a reply as it stands, to each of its senders', () => {
    const server = datagramSocket();
    const clients = [datagramSocket(), datagramSocket(), datagramSocket()];
    for (const [i, client] of clients.entries()) client.sendBatch(batchOf([`a${i}`, `b${i}`], addressOf(server)));
    for (let replied = 0; replied < 6; ) {
      const batch = receive(server);
      expect(server.sendBatch(batch)).toBe(batch.count);
      replied += batch.count;
    }
    for (const [i, client] of clients.entries()) expect(receiveTexts(client, 2)).toEqual([`a${i}`, `b${i}`]);
  });

  it('is a reply on a connected socket, too', () => {
    const server = datagramSocket();
    const client = connectedTo(server);
    server.connect(addressOf(client));
    client.sendBatch(batchOf(['one', 'two']));
    for (let replied = 0; replied < 2; ) replied += server.sendBatch(receive(server));
    expect(receiveTexts(client, 2)).toEqual(['one', 'two']);
  });

  it('goes to the peer of a connected socket where it has no address', () => {
    const server = datagramSocket();
    const client = connectedTo(server);
    expect(client.sendBatch(batchOf(['x', '', 'y']))).toBe(3);
    expect(receiveTexts(server, 3)).toEqual(['x', '', 'y']);
  });

  it('holds empty datagrams, which are no end', () => {
    const [server, client] = [datagramSocket(), datagramSocket()];
    client.sendBatch(batchOf(['', 'x', ''], addressOf(server)));
    expect(receiveTexts(server, 3)).toEqual(['', 'x', '']);
    expect(server.recvBatch(new DatagramBatch(4))).toBe(-1);
  });

  it('takes no more than it has slots for, and leaves the rest', () => {
    const [server, client] = [datagramSocket(), datagramSocket()];
    client.sendBatch(batchOf(numbered(10), addressOf(server)));
    expect(receiveTexts(server, 10, 4)).toEqual(numbered(10));
  });

  it('that would block is -1, with a count of 0', () => {
    const server = datagramSocket();
    const batch = batchOf(['old', 'old'], addressOf(server));
    expect(server.recvBatch(batch)).toBe(-1);
    expect(batch.count).toBe(0);
  });

  it('is cut where a slot is too small, and its flags say so', () => {
    const [server, client] = [datagramSocket(), datagramSocket()];
    client.sendBatch(batchOf(['too long', 'short'], addressOf(server)));
    const batch = new DatagramBatch(1, { size: 5 });
    expect(waitFor(server, READABLE, 2000)).toBe(READABLE);
    expect(server.recvBatch(batch)).toBe(1);
    expect(textsOf(batch)).toEqual(['too l']);
    expect((batch.flags[0] ?? 0) & systemNumber('MSG_TRUNC')).toBe(systemNumber('MSG_TRUNC'));
    expect(waitFor(server, READABLE, 2000)).toBe(READABLE);
    expect(server.recvBatch(batch)).toBe(1);
    expect(textsOf(batch)).toEqual(['short']);
    expect(batch.flags[0]).toBe(0);
  });

  it('leaves nothing of the datagrams before in the slots that it fills', () => {
    const [server, client] = [datagramSocket(), datagramSocket()];
    const batch = new DatagramBatch(2, { size: 64 });
    const { offsets, lengths, segments, flags, interfaces, tos, locals, addressLengths } = batch;
    for (const column of [offsets, lengths, segments, flags, interfaces, tos, locals, addressLengths]) column.fill(77);
    client.sendBatch(batchOf(['x'], addressOf(server)));
    expect(waitFor(server, READABLE, 2000)).toBe(READABLE);
    expect(server.recvBatch(batch)).toBe(1);
    expect([offsets, lengths, segments, flags, interfaces, tos].map((column) => column[0])).toEqual([0, 1, 0, 0, 0, 0]);
    expect([...new Set(locals.subarray(0, 128))]).toEqual([0]);
    expect(batch.address(0)).toEqual(addressOf(client));
    // What nobody received into is as it was.
    expect([offsets, lengths, segments, flags, interfaces, tos].map((column) => column[1])).toEqual(Array(6).fill(77));
  });

  it('sends what offsets and lengths say, from anywhere in the arena', () => {
    const [server, client] = [datagramSocket(), datagramSocket()];
    const batch = batchOf(['', '', ''], addressOf(server));
    batch.arena.write('abcdefgh');
    batch.offsets.set([2, 0, 2]);
    batch.lengths.set([3, 8, 1]);
    expect(client.sendBatch(batch)).toBe(3);
    expect(receiveTexts(server, 3)).toEqual(['cde', 'abcdefgh', 'c']);
  });

  it('goes on from a slot', () => {
    const [server, client] = [datagramSocket(), datagramSocket()];
    const batch = batchOf(numbered(5), addressOf(server));
    expect(client.sendBatch(batch, 3)).toBe(2);
    expect(receiveTexts(server, 2)).toEqual(numbered(5).slice(3));
    expect(client.sendBatch(batch, 5)).toBe(0);
    batch.count = 0;
    expect(client.sendBatch(batch)).toBe(0);
    expect(server.recvBatch(batch)).toBe(-1);
  });

  it('of which some have no room is accounted exactly', () => {
    const [a, b] = unixPair();
    const texts = numbered(1000);
    const batch = batchOf(texts);
    const seen: string[] = [];
    let blocked = 0;
    for (let from = 0; from < batch.count; ) {
      const sent = a.sendBatch(batch, from);
      if (sent > 0) {
        from += sent;
        continue;
      }
      expect(sent).toBe(-1);
      blocked++;
      const inbox = new DatagramBatch(64);
      while (b.recvBatch(inbox) > 0) seen.push(...textsOf(inbox));
      expect(waitFor(a, WRITABLE, 2000)).toBe(WRITABLE);
    }
    expect(blocked).toBeGreaterThan(0);
    seen.push(...receiveTexts(b, texts.length - seen.length));
    expect(seen).toEqual(texts);
  });

  it('keeps no descriptor that came with one, nor the pidfd of the sender', () => {
    const [a, b] = unixPair();
    if (linux) {
      try {
        setNumber(b, 'SOL_SOCKET', 'SO_PASSPIDFD');
      } catch (error) {
        expect(error).toMatchObject({ code: 'ENOPROTOOPT' }); // before Linux 6.5
      }
    }
    const before = openDescriptors();
    for (const text of ['x', 'y']) expect(a.sendMessage(Buffer.from(text), { fds: [a, b, a] })).toBe(1);
    expect(receiveTexts(b, 2)).toEqual(['x', 'y']);
    expect(openDescriptors()).toEqual(before);
  });

  it('of unix datagrams has no address where the sender has none', () => {
    const [a, b] = unixPair();
    a.sendBatch(batchOf(['plain']));
    const batch = receive(b);
    expect(textsOf(batch)).toEqual(['plain']);
    expect(batch.address(0)).toEqual({ family: 0, bytes: new Uint8Array(0) });
    expect(b.sendBatch(batch)).toBe(1);
    expect(receiveTexts(a, 1)).toEqual(['plain']);
  });

  it('serves two sockets in turn', () => {
    const servers = [datagramSocket(), datagramSocket()] as const;
    const client = datagramSocket();
    const batch = new DatagramBatch(8);
    for (const [i, server] of servers.entries()) {
      batch.count = 0;
      put(batch, `to ${i}`, addressOf(server));
      client.sendBatch(batch);
    }
    for (const [i, server] of servers.entries()) {
      expect(waitFor(server, READABLE, 2000)).toBe(READABLE);
      expect(server.recvBatch(batch)).toBe(1);
      expect(textsOf(batch)).toEqual([`to ${i}`]);
      expect(server.sendBatch(batch)).toBe(1);
    }
    expect(receiveTexts(client, 2)).toEqual(['to 0', 'to 1']);
  });

  it('is received inside a batch of events', () => {
    const poller = closing(new Poller<Socket>());
    const servers = [datagramSocket(), datagramSocket()];
    const client = datagramSocket();
    for (const server of servers) poller.add(server, READABLE, { data: server });
    for (const server of servers) client.sendBatch(batchOf(['x', 'y'], addressOf(server)));
    const batch = new DatagramBatch(8);
    let got = 0;
    while (got < 4) for (const { data } of poller.wait(2000)) while (data.recvBatch(batch) > 0) got += batch.count;
    expect(got).toBe(4);
  });

  it('of 1024 slots is one call', () => {
    const [server, client] = [datagramSocket(), datagramSocket()];
    if (linux) setNumber(server, 'SOL_SOCKET', 'SO_RCVBUF', 4 << 20);
    const batch = new DatagramBatch(1024, { size: 16 });
    for (let i = 0; i < 100; i++) put(batch, `${i}`, addressOf(server));
    expect(client.sendBatch(batch)).toBe(100);
    expect(waitFor(server, READABLE, 2000)).toBe(READABLE);
    let got = 0;
    while (got < 100) got += Math.max(0, server.recvBatch(batch));
    expect(got).toBe(100);
  });

  it('is refused by a stream, and by a socket that is closed', () => {
    const [a] = pair();
    const batch = batchOf(['x']);
    const [recv, send] = linux ? ['recvmmsg', 'sendmmsg'] : ['recvmsg', 'sendmsg'];
    expectFdError(() => a.sendBatch(batch), 'ENOTSUP', send);
    expectFdError(() => a.sendSegments(Buffer.alloc(4), 2), 'ENOTSUP', send);
    expectFdError(() => a.recvBatch(batch), 'ENOTSUP', recv);
    const socket = datagramSocket();
    socket.close();
    expectClosed(() => socket.recvBatch(batch));
    expectClosed(() => socket.sendBatch(batch));
    expectClosed(() => socket.sendBatch(batch, 99));
    expectClosed(() => socket.sendSegments(Buffer.alloc(4), 2));
  });

  it('is EBADF once the descriptor was closed elsewhere', () => {
    const socket = Socket.fromFd(dup(datagramSocket()));
    const other = Socket.fromFd(dup(socket));
    const batch = new DatagramBatch(1);
    const number = socket.detach();
    expectClosed(() => socket.recvBatch(batch));
    closing(Socket.fromFd(number));
    other.close();
    expectClosed(() => other.recvBatch(batch));
  });
});

describe('a timeout', () => {
  checkDescriptorsAfterEachTest();

  it('lets recvBatch wait that long, and not longer than for a datagram', async () => {
    const server = datagramSocket();
    const client = connectedTo(server);
    const batch = new DatagramBatch(4);
    server.timeout = 30;
    const start = performance.now();
    expect(server.recvBatch(batch)).toBe(-1);
    expect(performance.now() - start).toBeGreaterThanOrEqual(30);
    const helper = await startHelper();
    server.timeout = Number.POSITIVE_INFINITY;
    helper.write(client.fd, 20);
    expect(server.recvBatch(batch)).toBe(1);
    expect(textsOf(batch)).toEqual(['x']);
  });

  it('lets sendBatch wait for room', () => {
    const [a] = unixPair();
    const batch = batchOf(numbered(1000));
    let from = 0;
    for (let sent = 0; sent >= 0; from += Math.max(0, sent)) sent = a.sendBatch(batch, from);
    a.timeout = 20;
    const start = performance.now();
    expect(a.sendBatch(batch, from)).toBe(-1);
    expect(performance.now() - start).toBeGreaterThanOrEqual(20);
  });
});
