import { describe, expect, it } from 'vitest';
import { native } from '../../lib/binding.ts';
import { DatagramBatch, encodeAddress, type Socket } from '../../lib/index.ts';
import {
  batchOf,
  connectedTo,
  datagramSocket,
  linux,
  localHost,
  put,
  receive,
  receiveTexts,
  setNumber,
} from '../support/datagrams.ts';
import { checkDescriptorsAfterEachTest } from '../support/descriptors.ts';
import { expectFdError, expectOutOfRange, expectUnknownValue, expectWrongType, thrownBy } from '../support/expect.ts';
import { addressOf, portOf } from '../support/sockets.ts';

const loopback = native.interfaceIndex(linux ? 'lo' : 'lo0');

/** A server that is told where its datagrams came to, and with which type of service. */
const server = (address: string): Socket => {
  const socket = datagramSocket(address);
  if (linux) {
    setNumber(socket, 'IPPROTO_IP', 'IP_RECVTOS');
    if (address.startsWith('[')) {
      setNumber(socket, 'IPPROTO_IPV6', 'IPV6_RECVPKTINFO');
      setNumber(socket, 'IPPROTO_IPV6', 'IPV6_RECVTCLASS');
    } else setNumber(socket, 'IPPROTO_IP', 'IP_PKTINFO');
  }
  return socket;
};

// A server on all addresses, a client, the address of the server that it sends to, and that as the server sees it.
const ways = [
  ['IPv4', '0.0.0.0:0', '127.0.0.1:0', '127.0.0.7', '127.0.0.7'],
  ['IPv6', '[::]:0', '[::1]:0', '[::1]', '::1'],
  ['IPv4 at a socket for both', '[::]:0', '127.0.0.1:0', '127.0.0.7', '::ffff:127.0.0.7'],
] as const;

describe.each(ways)('a batch over %s', (_, at, from, host, seen) => {
  checkDescriptorsAfterEachTest();
  // Elsewhere there is one address on loopback, and other options say where a datagram came to.
  const target = linux || !host.startsWith('127.') ? host : '127.0.0.1';

  it('says where each datagram came to, and is answered from there', () => {
    const [echo, client] = [server(at), datagramSocket(from)];
    client.sendBatch(batchOf(['x'], `${target}:${portOf(echo)}`));
    const batch = receive(echo);
    expect([localHost(batch, 0), batch.interfaces[0]]).toEqual(linux ? [seen, loopback] : ['', 0]);
    expect(echo.sendBatch(batch)).toBe(1);
    const answer = receive(client);
    expect(answer.address(0)).toMatchObject({ host: target.replace(/[[\]]/g, ''), port: portOf(echo) });
  });

  it('keeps where it came to through a batch of another', () => {
    const [echo, client] = [server(at), datagramSocket(from)];
    client.sendBatch(batchOf(['x'], `${target}:${portOf(echo)}`));
    const inbox = receive(echo);
    const outbox = new DatagramBatch(1);
    put(outbox, 'answer');
    outbox.setAddress(0, inbox.addresses.subarray(0, inbox.addressLengths[0]));
    outbox.locals.set(inbox.locals.subarray(0, 128));
    outbox.interfaces[0] = inbox.interfaces[0] ?? 0;
    expect(echo.sendBatch(outbox)).toBe(1);
    expect(receive(client).address(0)).toMatchObject({ host: target.replace(/[[\]]/g, '') });
  });

  it('carries a type of service with each datagram, both ways', () => {
    const [echo, client] = [server(at), server(from)];
    const batch = new DatagramBatch(3);
    for (const [i, tos] of [0, 2, 0xb8].entries()) {
      put(batch, `${tos}`, `${target}:${portOf(echo)}`);
      batch.tos[i] = tos;
    }
    expect(client.sendBatch(batch)).toBe(3);
    const received = linux ? [0, 2, 0xb8] : [0, 0, 0];
    for (let got = 0; got < 3; ) {
      const inbox = receive(echo);
      expect([...inbox.tos.subarray(0, inbox.count)]).toEqual(received.slice(got, got + inbox.count));
      expect(echo.sendBatch(inbox)).toBe(inbox.count);
      got += inbox.count;
    }
    for (let got = 0; got < 3; ) {
      const answers = receive(client);
      expect([...answers.tos.subarray(0, answers.count)]).toEqual(received.slice(got, got + answers.count));
      got += answers.count;
    }
  });

  it('says nothing of the datagram before in its slot', () => {
    const [echo, plain, client] = [server(at), datagramSocket(at), datagramSocket(from)];
    const batch = batchOf(['x'], `${target}:${portOf(echo)}`);
    if (linux) batch.tos[0] = 4;
    client.sendBatch(batch);
    const inbox = receive(echo);
    client.sendBatch(batchOf(['y'], `${target}:${portOf(plain)}`));
    while (plain.recvBatch(inbox) < 0);
    expect([localHost(inbox, 0), inbox.interfaces[0], inbox.tos[0]]).toEqual(['', 0, 0]);
  });

  it('splits a datagram into segments, and receives them as one', () => {
    const [echo, client] = [server(at), datagramSocket(from)];
    const batch = new DatagramBatch(2, { size: 65536 });
    for (const length of [3000, 800]) {
      const i = put(batch, '', `${target}:${portOf(echo)}`);
      batch.arena.fill('abc', batch.offsets[i]);
      batch.lengths[i] = length;
      batch.segments[i] = 1000;
      batch.tos[i] = linux ? 2 : 0;
    }
    if (!linux) {
      expectFdError(() => client.sendBatch(batch), 'ENOTSUP', 'sendmsg');
      expect(client.sendBatch(batch, 1)).toBe(1);
      return;
    }
    expect(client.sendBatch(batch)).toBe(2);
    expect(receiveTexts(echo, 4).map((text) => text.length)).toEqual([1000, 1000, 1000, 800]);

    setNumber(echo, 'SOL_UDP', 'UDP_GRO');
    expect(client.sendBatch(batch)).toBe(2);
    const inbox = receive(echo, 4, 65536);
    expect([...inbox.lengths.subarray(0, 2)]).toEqual([3000, 800]);
    expect([...inbox.segments.subarray(0, 2)]).toEqual([1000, 0]);
    expect([...inbox.tos.subarray(0, 2)]).toEqual([2, 2]);
    // In segments it came, in segments it goes back.
    expect(echo.sendBatch(inbox)).toBe(2);
    expect(receiveTexts(client, 4).map((text) => text.length)).toEqual([1000, 1000, 1000, 800]);
  });
});

describe('what goes with a datagram', () => {
  checkDescriptorsAfterEachTest();

  it('goes to the peer of a connected socket, too', () => {
    for (const at of ['127.0.0.1:0', '[::1]:0']) {
      const echo = server(at);
      const client = connectedTo(echo);
      const batch = batchOf(['x']);
      batch.tos[0] = linux ? 8 : 0;
      batch.locals.set(encodeAddress(at));
      expect(client.sendBatch(batch)).toBe(1);
      expect(receive(echo).tos[0]).toBe(linux ? 8 : 0);
    }
  });

  it('is refused by the kernel where it cannot be', () => {
    const [echo, client] = [datagramSocket(), datagramSocket('0.0.0.0:0')];
    const batch = batchOf(['x', 'y'], addressOf(echo));
    batch.locals.set(encodeAddress('203.0.113.9:0'), 128);
    expect(client.sendBatch(batch)).toBe(1);
    // EINVAL, ENETUNREACH or EADDRNOTAVAIL, by kernel and route.
    const error = thrownBy(() => client.sendBatch(batch, 1));
    expect(error).toMatchObject({ syscall: linux ? 'sendmmsg' : 'sendmsg', port: portOf(echo) });
    batch.locals.fill(0);
    batch.interfaces[1] = 0x7fffffff;
    if (linux) expectFdError(() => client.sendBatch(batch, 1), 'ENODEV', 'sendmmsg');
    expect(receiveTexts(echo, 1)).toEqual(['x']);
  });

  it('that came to a group is answered from the interface alone', () => {
    const [echo, client] = [datagramSocket('0.0.0.0:0'), datagramSocket('127.0.0.1:0')];
    const batch = batchOf(['x', 'y'], addressOf(client));
    for (const [i, group] of ['224.0.0.1:0', '255.255.255.255:0'].entries()) {
      batch.locals.set(encodeAddress(group), i * 128);
      batch.interfaces[i] = linux ? loopback : 0;
    }
    expect(echo.sendBatch(batch)).toBe(2);
    expect(receiveTexts(client, 2)).toEqual(['x', 'y']);
  });

  it('means nothing to a unix socket but segments, which it lacks', () => {
    const path = linux ? 'unix:@fdpoll-batch-control' : undefined;
    const echo = path === undefined ? datagramSocket() : datagramSocket(path);
    const client = connectedTo(echo);
    const batch = batchOf(['four']);
    batch.segments[0] = 2;
    expectFdError(() => client.sendBatch(batch), 'ENOTSUP', linux ? 'sendmmsg' : 'sendmsg');
    batch.segments[0] = 0;
    if (linux) batch.tos[0] = 9;
    expect(client.sendBatch(batch)).toBe(1);
    expect(receiveTexts(echo, 1)).toEqual(['four']);
  });
});

describe('sendSegments', () => {
  checkDescriptorsAfterEachTest();
  const payload = Buffer.from(Uint8Array.from({ length: 2000 }, (_, i) => i));

  it('sends one buffer as many datagrams, in one call', () => {
    const [echo, client] = [datagramSocket(), datagramSocket()];
    const send = (): number => client.sendSegments(payload, 1000, addressOf(echo));
    if (!linux) return void expectFdError(send, 'ENOTSUP', 'sendmsg');
    expect(send()).toBe(2000);
    expect(receiveTexts(echo, 2).join('')).toBe(payload.toString('latin1'));
    const connected = connectedTo(echo);
    expect(connected.sendSegments(payload, 1500)).toBe(2000);
    expect(receiveTexts(echo, 2).map((text) => text.length)).toEqual([1500, 500]);
  });

  it('sends a buffer that is no longer than a segment as it is, everywhere', () => {
    const [echo, client] = [datagramSocket(), datagramSocket()];
    expect(client.sendSegments(payload, 2000, addressOf(echo))).toBe(2000);
    expect(client.sendSegments(new DataView(payload.buffer, payload.byteOffset, 5), 65535, addressOf(echo))).toBe(5);
    expect(client.sendSegments(Buffer.alloc(0), 1, addressOf(echo))).toBe(0);
    expect(receiveTexts(echo, 3).map((text) => text.length)).toEqual([2000, 5, 0]);
  });

  it('says what the kernel has no room for', () => {
    const [echo, client] = [datagramSocket(), datagramSocket()];
    const to = addressOf(echo);
    if (linux) {
      const many = expectFdError(() => client.sendSegments(Buffer.alloc(2000), 1, to), 'EINVAL', 'sendmmsg');
      expect(many).toMatchObject({
        address: '127.0.0.1',
        port: portOf(echo),
        message: expect.stringMatching(/at most 64/),
      });
    }
    const whole = expectFdError(() => client.sendSegments(Buffer.alloc(65520), 65520, to), 'EMSGSIZE');
    if (linux) expect(whole.message).toMatch(/65507/);
  });

  it('refuses what is no buffer, no size and no address', () => {
    const client = datagramSocket();
    const to = addressOf(client);
    for (const buffer of ['text', null, undefined, 8, {}, new ArrayBuffer(8)])
      expectWrongType(() => client.sendSegments(buffer as never, 8, to));
    for (const size of ['8', null, undefined, 8n])
      expectWrongType(() => client.sendSegments(payload, size as never, to));
    for (const size of [0, -1, 0.5, Number.NaN, 65536, 2 ** 32 + 8])
      expectOutOfRange(() => client.sendSegments(payload, size, to));
    for (const address of [null, 7]) expectWrongType(() => client.sendSegments(payload, 8, address as never));
    expectUnknownValue(() => client.sendSegments(payload, 8, 'localhost:8'));
    expectOutOfRange(() => client.sendSegments(payload, 8, new Uint8Array(129)));
  });
});
