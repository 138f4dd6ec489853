import { closeSync, openSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  constants,
  eventfd,
  ioctl,
  memfd,
  Poller,
  READABLE,
  read,
  setNonBlocking,
  waitFor,
  write,
} from '../../lib/index.ts';
import { linux } from '../support/datagrams.ts';
import { checkDescriptorsAfterEachTest } from '../support/descriptors.ts';
import { expectFdError } from '../support/expect.ts';
import { bytes, closing, connection, openPipe, say } from '../support/sockets.ts';

const { FIONREAD = 0, FIONBIO = 0, SIOCATMARK = 0, SIOCOUTQ = 0, SIOCINQ = 0, TIOCGWINSZ = 0 } = constants;

const owned = (fd: number): number => {
  closing({ close: () => closeSync(fd) });
  return fd;
};

/** An ioctl that answers with an int. */
const asked = (descriptor: number | { fd: number }, request: number): number => {
  const answer = new Int32Array(1);
  expect(ioctl(descriptor, request, answer)).toBe(0);
  return answer[0] ?? -1;
};

describe('ioctl with the numbers of constants', () => {
  checkDescriptorsAfterEachTest();

  it('tells how many bytes wait in a socket and a pipe', () => {
    const [client, server] = connection();
    say(client, 'eight by');
    expect(waitFor(server, READABLE, 2000)).toBe(READABLE);
    expect(asked(server, FIONREAD)).toBe(8);
    const { read: source, write: sink } = openPipe();
    write(sink, bytes('abc'));
    expect(asked(source, FIONREAD)).toBe(3);
    if (linux) expect(asked(server, SIOCINQ)).toBe(8);
    expect(asked(server, SIOCATMARK)).toBe(0);
  });

  it.skipIf(!linux)('tells how many bytes nobody has acknowledged or read (Linux: SIOCOUTQ)', () => {
    const [client, server] = connection();
    const block = Buffer.alloc(65536);
    let sent = 0;
    for (let n = 0; n >= 0; n = client.send(block)) sent += n;
    const waiting = asked(client, SIOCOUTQ);
    expect(waiting).toBeGreaterThan(0);
    expect(waiting).toBeLessThanOrEqual(sent);
    server.close();
  });

  it('asks for the size of a window where there is none: ENOTTY, and the view is untouched or zero', () => {
    const size = new Uint16Array(4);
    const { read: source } = openPipe();
    expect(expectFdError(() => ioctl(source, TIOCGWINSZ, size), 'ENOTTY', 'ioctl').fd).toBe(source);
    expect([...size]).toEqual([0, 0, 0, 0]);
    const [client] = connection();
    expectFdError(() => ioctl(client, TIOCGWINSZ, size), 'ENOTTY', 'ioctl');
  });

  it.skipIf(!linux)('asks a terminal for it (Linux)', () => {
    const terminal = owned(openSync('/dev/ptmx', 'r+'));
    const size = new Uint16Array([25, 80, 0, 0]);
    expect(ioctl(terminal, constants.TIOCSWINSZ ?? 0, size)).toBe(0);
    const answer = new Uint16Array(4);
    expect(ioctl(terminal, TIOCGWINSZ, answer)).toBe(0);
    expect([...answer]).toEqual([25, 80, 0, 0]);
  });

  it('makes a pipe blocking and not, as setNonBlocking does', () => {
    const { read: source } = openPipe();
    ioctl(source, FIONBIO, new Int32Array([0]));
    setNonBlocking(source, true);
    expect(read(source, Buffer.alloc(1))).toBe(-1);
    setNonBlocking(source, false);
    ioctl(source, FIONBIO, new Int32Array([1]));
    expect(read(source, Buffer.alloc(1))).toBe(-1);
  });

  it.skipIf(!linux)('makes a TUN device, or says that there is none (Linux)', () => {
    const opened = ((): number | string => {
      try {
        return openSync('/dev/net/tun', 'r+');
      } catch (error) {
        return (error as NodeJS.ErrnoException).code ?? '';
      }
    })();
    if (typeof opened === 'string') {
      expect(['ENOENT', 'ENODEV', 'EACCES', 'EPERM']).toContain(opened);
      expect(constants.TUNSETIFF).toBe(0x400454ca);
      return;
    }
    owned(opened);
    const request = Buffer.alloc(40);
    request.write('fdp%d');
    request.writeInt16LE((constants.IFF_TUN ?? 0) | (constants.IFF_NO_PI ?? 0), 16);
    if (process.getuid?.() !== 0) {
      expectFdError(() => ioctl(opened, constants.TUNSETIFF ?? 0, request), 'EPERM', 'ioctl');
      return;
    }
    expect(ioctl(opened, constants.TUNSETIFF ?? 0, request)).toBe(0);
    expect(request.toString('latin1', 0, 16)).toMatch(/^fdp\d+\0/);
  });
});

describe('eventfd in use', () => {
  checkDescriptorsAfterEachTest();

  it.skipIf(!linux)('counts, is readable while it is not 0, and takes no more than it can hold (Linux)', () => {
    const fd = owned(eventfd(2));
    const count = new BigUint64Array(1);
    const poller = closing(new Poller());
    poller.add(fd, READABLE);
    expect(poller.wait(2000).length).toBe(1);
    expect([read(fd, count), count[0]]).toEqual([8, 2n]);
    expect([poller.wait(0).length, read(fd, count)]).toEqual([0, -1]);
    for (const add of [3n, 4n]) expect(write(fd, new BigUint64Array([add]))).toBe(8);
    expect([read(fd, count), count[0]]).toEqual([8, 7n]);
    expect(write(fd, new BigUint64Array([2n ** 64n - 2n]))).toBe(8);
    expect(write(fd, new BigUint64Array([1n]))).toBe(-1);
    expectFdError(() => write(fd, new BigUint64Array([2n ** 64n - 1n])), 'EINVAL', 'write');
    expectFdError(() => read(fd, Buffer.alloc(4)), 'EINVAL', 'read');
  });

  it.skipIf(!linux)('and memfd give what the system allows: names of 249 bytes (Linux)', () => {
    owned(memfd('n'.repeat(249)));
    owned(memfd(''));
    expectFdError(() => memfd('n'.repeat(250)), 'EINVAL', 'memfd_create');
  });
});
