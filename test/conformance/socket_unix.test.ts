import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { READABLE, Socket, waitFor } from '../../lib/index.ts';
import { checkDescriptorsAfterEachTest, openDescriptors } from '../support/descriptors.ts';
import { expectError, expectFdError, expectOutOfRange } from '../support/expect.ts';
import { acceptOne, addressOf, bytes, closing, drain, listen, say } from '../support/sockets.ts';

const linux = process.platform === 'linux';

const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'fdp-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
};

/** A path of exactly so many bytes. */
const pathOf = (length: number): string => {
  const start = `${folder()}/`;
  return start + 'p'.repeat(length - start.length);
};

const abstractName = (): string => `fdpoll-${process.pid}-${Math.random().toString(36).slice(2)}`;

describe('unix sockets', () => {
  checkDescriptorsAfterEachTest();

  it('are reached by path, as a string or an object', () => {
    const path = join(folder(), 'socket');
    const listener = listen(`unix:${path}`);
    expect(addressOf(listener)).toEqual({ family: 'unix', path });
    for (const address of [`unix:${path}`, { family: 'unix', path } as const]) {
      const client = closing(Socket.connect(address));
      const server = acceptOne(listener);
      expect(client.remoteAddress).toEqual({ family: 'unix', path });
      expect(client.localAddress).toEqual({ family: 'unix', path: '' });
      expect(server.localAddress).toEqual({ family: 'unix', path });
      expect(server.remoteAddress).toEqual({ family: 'unix', path: '' });
      say(client, 'by path');
      waitFor(server, READABLE, 2000);
      expect(drain(server).text).toBe('by path');
    }
  });

  it('say ENOENT, ECONNREFUSED and EADDRINUSE, with the path as address', () => {
    const path = join(folder(), 'socket');
    expect(expectFdError(() => Socket.connect(`unix:${path}`), 'ENOENT', 'connect').address).toContain(path);
    const listener = listen(`unix:${path}`);
    const before = openDescriptors();
    expectFdError(() => Socket.listen(`unix:${path}`), 'EADDRINUSE', 'bind');
    expect(openDescriptors()).toEqual(before);
    listener.close();
    expectFdError(() => Socket.connect(`unix:${path}`), 'ECONNREFUSED', 'connect');
  });

  it('have names of other letters than ASCII', () => {
    const path = join(folder(), 'Grüße-スキ');
    expect(addressOf(listen(`unix:${path}`))).toEqual({ family: 'unix', path });
    expect(statSync(path).isSocket()).toBe(true);
  });

  it('take the permissions that listen is given', () => {
    const path = join(folder(), 'socket');
    closing(Socket.listen(`unix:${path}`, { mode: 0o600 }));
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it.runIf(linux)('have paths of up to 107 bytes, and connect through the longest (Linux: sun_path)', () => {
    const path = pathOf(107);
    const listener = listen(`unix:${path}`);
    expect(addressOf(listener)).toEqual({ family: 'unix', path });
    closing(Socket.connect(`unix:${path}`));
    acceptOne(listener);
  });

  it('have no longer paths, and nothing is cut off', () => {
    const place = folder();
    for (const length of [109, 200, 5000]) {
      const path = `${place}/`.padEnd(length, 'p');
      expectOutOfRange(() => Socket.listen(`unix:${path}`));
      expectOutOfRange(() => Socket.connect({ family: 'unix', path }));
    }
    expect(readdirSync(place)).toEqual([]);
  });

  it('have no NUL inside', () => {
    for (const path of ['/tmp/a\0b', 'a\0', '/tmp/fdpoll\0'])
      for (const call of [
        () => Socket.listen({ family: 'unix', path }),
        () => Socket.connect({ family: 'unix', path }),
      ])
        expectError(call, TypeError, 'ERR_INVALID_ARG_VALUE');
    expectError(() => Socket.connect('unix:/tmp/a\0b'), TypeError, 'ERR_INVALID_ARG_VALUE');
  });

  it('with a full backlog throw EAGAIN, since no event would follow', () => {
    const path = join(folder(), 'socket');
    closing(Socket.listen(`unix:${path}`, { backlog: 1 }));
    const error = expectFdError(
      () => {
        for (let i = 0; i < 50; i++) closing(Socket.connect(`unix:${path}`));
      },
      linux ? 'EAGAIN' : 'ECONNREFUSED',
    );
    expect(error.syscall).toBe('connect');
  });

  it('that queued before the listener accepts are served in order', () => {
    const listener = listen(`unix:${join(folder(), 'socket')}`);
    for (const text of ['first', 'second', 'third']) say(closing(Socket.connect(addressOf(listener))), text);
    const texts = [0, 1, 2].map(() => drain(acceptOne(listener)).text);
    expect(texts).toEqual(['first', 'second', 'third']);
    expect(listener.accept()).toBeUndefined();
  });
});

describe.runIf(linux)('abstract names (Linux has them)', () => {
  checkDescriptorsAfterEachTest();

  it('are written unix:@name or with a NUL in front', () => {
    const name = abstractName();
    const listener = listen(`unix:@${name}`);
    expect(addressOf(listener)).toEqual({ family: 'unix', path: `\0${name}` });
    const client = closing(Socket.connect({ family: 'unix', path: `\0${name}` }));
    acceptOne(listener);
    expect(client.remoteAddress).toEqual({ family: 'unix', path: `\0${name}` });
    expect(expectFdError(() => Socket.listen(`unix:@${name}`), 'EADDRINUSE').address).toBe(`unix:@${name}`);
  });

  it('are gone with the listener', () => {
    const address = `unix:@${abstractName()}`;
    listen(address).close();
    expectFdError(() => Socket.connect(address), 'ECONNREFUSED');
    listen(address);
  });

  it('are exact: a name is not its prefix', () => {
    const name = abstractName();
    listen(`unix:@${name}`);
    expectFdError(() => Socket.connect(`unix:@${name}x`), 'ECONNREFUSED');
    expectFdError(() => Socket.connect(`unix:@${name.slice(0, -1)}`), 'ECONNREFUSED');
  });

  it('have up to 107 bytes, and no more', () => {
    const name = `${abstractName()}-`.padEnd(107, 'n');
    const listener = listen(`unix:@${name}`);
    expect(addressOf(listener)).toEqual({ family: 'unix', path: `\0${name}` });
    closing(Socket.connect(`unix:@${name}`));
    acceptOne(listener);
    expectOutOfRange(() => Socket.listen(`unix:@${name}n`));
  });

  it('are given by the system to who binds the unnamed address', () => {
    const socket = closing(new Socket('unix', 'stream'));
    socket.bind({ family: 'unix', path: '' });
    expect(addressOf(socket)).toMatchObject({ family: 'unix', path: expect.stringMatching(/^\0[0-9a-f]{5}$/) });
    socket.listen();
    closing(Socket.connect(addressOf(socket)));
    acceptOne(socket);
  });

  it('that are no UTF-8 come back as bytes, which connect too', () => {
    const name = [0, 0xff, 0xfe, ...bytes(abstractName())];
    const sockaddr = Uint8Array.from([1, 0, ...name]);
    const listener = listen(sockaddr);
    const address = addressOf(listener);
    expect('bytes' in address && Buffer.from(address.bytes).equals(sockaddr)).toBe(true);
    closing(Socket.connect(address));
    acceptOne(listener);
  });
});
