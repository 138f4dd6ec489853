import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { encodeAddress, READABLE, Socket, waitFor } from '../../lib/index.ts';
import { systemNumber } from '../../lib/socket_kinds.ts';
import { checkDescriptorsAfterEachTest } from '../support/descriptors.ts';
import { expectFdError } from '../support/expect.ts';
import { bound, nextMessage, pairOf, twoBound } from '../support/messages.ts';
import { addressOf, bytes, closing, connection, say } from '../support/sockets.ts';

const unixPath = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'fdp-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return `unix:${folder}/socket`;
};

describe('datagrams', () => {
  checkDescriptorsAfterEachTest();

  const families: [name: string, address: () => string][] = [
    ['inet', () => '127.0.0.1:0'],
    ['inet6', () => '[::1]:0'],
    ['unix', unixPath],
  ];
  it.each(families)('of %s go to an address and tell whom they are from', (family, address) => {
    const [server, client] = [bound(address()), bound(address())];
    const buffer = Buffer.alloc(100);
    for (const to of [addressOf(server), encodeAddress(addressOf(server))]) {
      expect(client.sendTo(bytes('question'), to)).toBe(8);
      expect(waitFor(server, READABLE, 2000)).toBe(READABLE);
      const question = server.recvFrom(buffer);
      expect(question).toEqual({ bytes: 8, address: addressOf(client) });
      expect(buffer.toString('latin1', 0, 8)).toBe('question');
      expect(server.sendTo(bytes('answer'), question?.address ?? '')).toBe(6);
      expect(nextMessage(client)).toMatchObject({ text: 'answer', address: addressOf(server) });
    }
    expect(addressOf(client).family).toBe(family);
  });

  it('are undefined when there are none', () => {
    const socket = bound();
    expect(socket.recvFrom(Buffer.alloc(8))).toBeUndefined();
    expect(socket.recvMessage(Buffer.alloc(8))).toBeUndefined();
    expect(socket.recvMessage([])).toBeUndefined();
  });

  it('from somebody without a name have an empty path', () => {
    const server = bound(unixPath());
    const client = closing(new Socket('unix', 'dgram'));
    client.sendTo(bytes('who'), addressOf(server));
    expect(server.recvFrom(Buffer.alloc(8))).toEqual({ bytes: 3, address: { family: 'unix', path: '' } });
    client.sendMessage(bytes('who'), { address: addressOf(server) });
    expect(nextMessage(server).address).toBeUndefined();
  });

  it('on a stream are its bytes, from the peer', () => {
    const [client, server] = connection();
    say(client, 'bytes');
    expect(waitFor(server, READABLE, 2000)).toBe(READABLE);
    expect(server.recvFrom(Buffer.alloc(8))).toEqual({ bytes: 5, address: addressOf(client) });
    client.close();
    expect(waitFor(server, READABLE, 2000) & READABLE).toBe(READABLE);
    expect(server.recvFrom(Buffer.alloc(8))?.bytes).toBe(0);
  });

  it('that are empty are messages of no bytes, and not the end', () => {
    const [server, client] = twoBound();
    client.sendTo(bytes(''), addressOf(server));
    client.sendMessage([], { address: addressOf(server) });
    client.sendTo(bytes('after'), addressOf(server));
    expect(server.recvFrom(Buffer.alloc(8))).toEqual({ bytes: 0, address: addressOf(client) });
    expect(nextMessage(server)).toMatchObject({ bytes: 0, truncated: false, address: addressOf(client) });
    expect(nextMessage(server).text).toBe('after');
  });

  it('that are longer than the buffer lose the rest, and say so', () => {
    const [server, client] = twoBound();
    for (const text of ['longer', 'longer', 'next']) client.sendTo(bytes(text), addressOf(server));
    expect(server.recvFrom(Buffer.alloc(4))?.bytes).toBe(4);
    expect(nextMessage(server, 4)).toMatchObject({ bytes: 4, text: 'long', truncated: true, controlTruncated: false });
    expect(nextMessage(server, 4)).toMatchObject({ bytes: 4, text: 'next', truncated: false });
  });

  it('tell their whole length with MSG_TRUNC, and nothing beyond the buffer is touched', () => {
    const [server, client] = twoBound();
    const flags = systemNumber('MSG_TRUNC');
    for (let i = 0; i < 3; i++) client.sendTo(bytes('sixteen letters.'), addressOf(server));
    const memory = Buffer.alloc(16, '-');
    const buffer = memory.subarray(4, 8);
    expect(waitFor(server, READABLE, 2000)).toBe(READABLE);
    const whole = process.platform === 'linux' ? 16 : 4;
    expect(server.recv(buffer, 0, 4, flags)).toBe(whole);
    expect(server.recvFrom(buffer, flags)?.bytes).toBe(whole);
    expect(server.recvMessage(buffer, { flags })).toMatchObject({ bytes: whole, truncated: true });
    expect(memory.toString()).toBe('----sixt--------');
  });

  it('stay where they are with MSG_PEEK', () => {
    const [server, client] = twoBound();
    client.sendTo(bytes('once'), addressOf(server));
    const flags = systemNumber('MSG_PEEK');
    expect(nextMessage(server, 8, { flags }).text).toBe('once');
    expect(server.recvFrom(Buffer.alloc(8), flags)?.bytes).toBe(4);
    expect(nextMessage(server).text).toBe('once');
    expect(server.recvMessage(Buffer.alloc(8))).toBeUndefined();
  });

  it('are gathered from any number of views and scattered into others', () => {
    const [a, b] = pairOf('dgram');
    const parts = [bytes('ab'), new Uint16Array([0x6463]), new DataView(new ArrayBuffer(0)), bytes('efg')];
    expect(a.sendMessage(parts)).toBe(7);
    const memory = Buffer.alloc(9, '-');
    expect(b.recvMessage([memory.subarray(1, 2), memory.subarray(3, 8), Buffer.alloc(8)])?.bytes).toBe(7);
    expect(memory.toString()).toBe('-a-bcdef-');
    const most = Array.from({ length: 1024 }, () => bytes('x'));
    expect(a.sendMessage(most)).toBe(1024);
    expect(b.recvMessage(most.map(() => new Uint8Array(1)))).toMatchObject({ bytes: 1024, truncated: false });
  });

  it('of more than 1024 views are EMSGSIZE, as those that are too long', () => {
    const [a, b] = twoBound();
    const many = Array.from({ length: 1025 }, () => Buffer.alloc(1));
    expectFdError(() => a.sendMessage(many, { address: addressOf(b) }), 'EMSGSIZE', 'sendmsg');
    expectFdError(() => a.recvMessage(many), 'EMSGSIZE', 'recvmsg');
    expectFdError(() => a.sendTo(Buffer.alloc(70_000), addressOf(b)), 'EMSGSIZE', 'sendto');
    expect(b.recvFrom(Buffer.alloc(8))).toBeUndefined();
  });

  it('to nobody name the address', () => {
    const socket = bound(unixPath());
    const address = `${unixPath()}-gone`;
    for (const [call, syscall] of [
      [() => socket.sendTo(bytes('x'), address), 'sendto'],
      [() => socket.sendMessage(bytes('x'), { address }), 'sendmsg'],
    ] as const)
      expect(expectFdError(call, 'ENOENT', syscall)).toMatchObject({ address, fd: socket.fd });
    expectFdError(() => bound().sendMessage(bytes('x')), process.platform === 'linux' ? 'EDESTADDRREQ' : 'ENOTCONN');
  });

  it('go where an object says that was changed since', () => {
    const [first, second, client] = [bound(), bound(), bound()];
    const to = { ...addressOf(first) } as { family: 'inet'; host: string; port: number };
    client.sendTo(bytes('one'), to);
    Object.assign(to, addressOf(second));
    client.sendTo(bytes('two'), to);
    expect(nextMessage(first).text).toBe('one');
    expect(nextMessage(second).text).toBe('two');
  });

  it('come with an address that is the caller’s to change', () => {
    const [server, client] = twoBound();
    for (let i = 0; i < 2; i++) {
      client.sendTo(bytes('x'), addressOf(server));
      const { address } = nextMessage(server);
      expect(address).toEqual(addressOf(client));
      Object.assign(address ?? {}, { port: 1 });
    }
  });

  it('wait as long as the timeout says, unless MSG_DONTWAIT', () => {
    const socket = bound();
    socket.timeout = 30;
    for (const call of [() => socket.recvFrom(Buffer.alloc(8)), () => socket.recvMessage(Buffer.alloc(8))]) {
      const start = performance.now();
      expect(call()).toBeUndefined();
      expect(performance.now() - start).toBeGreaterThanOrEqual(30);
    }
    socket.timeout = Infinity;
    const flags = systemNumber('MSG_DONTWAIT');
    expect(socket.recvFrom(Buffer.alloc(8), flags)).toBeUndefined();
    expect(socket.recvMessage(Buffer.alloc(8), { flags })).toBeUndefined();
  });

  it('that find no room are -1, at once or after the timeout', () => {
    const [a, b] = pairOf('dgram');
    let sent = 0;
    while (a.sendMessage(Buffer.alloc(100)) === 100) sent++;
    expect(sent).toBeGreaterThan(0);
    a.timeout = 30;
    const start = performance.now();
    expect(a.sendMessage([Buffer.alloc(100)])).toBe(-1);
    expect(performance.now() - start).toBeGreaterThanOrEqual(30);
    expect(a.sendMessage(Buffer.alloc(100), { flags: systemNumber('MSG_DONTWAIT') })).toBe(-1);
    while (b.recvMessage(Buffer.alloc(100))) sent--;
    expect(sent).toBe(0);
    expect(a.sendMessage(Buffer.alloc(100))).toBe(100);
  });
});
