import { spawnSync } from 'node:child_process';
import { closeSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { dup, READABLE, Socket } from '../../lib/index.ts';
import { describeEachBackend } from '../support/backends.ts';
import {
  checkDescriptorsAfterEachTest,
  isCloseOnExec,
  openDescriptors,
  settleDescriptors,
} from '../support/descriptors.ts';
import { acceptOne, addressOf, closing, listen, openPipe, pair } from '../support/sockets.ts';

const linux = process.platform === 'linux';
const notLinux = 'the flags of a descriptor are read from /proc';

/** The descriptors that this call opens and leaves open. */
const openedBy = async (call: () => void): Promise<number[]> => {
  const before = openDescriptors();
  call();
  await settleDescriptors();
  return openDescriptors()
    .filter((entry) => !before.includes(entry))
    .map((entry) => Number.parseInt(entry, 10));
};

describeEachBackend('close-on-exec', (backend) => {
  it.skipIf(!linux)(`is set on everything that a poller opens (Linux: ${notLinux})`, async () => {
    const [a] = pair();
    const opened = await openedBy(() => {
      const poller = backend.poller();
      poller.add(a, READABLE);
      poller.waker.wake();
      poller.wait(0);
    });
    expect(opened.length).toBeGreaterThan(0);
    for (const fd of opened) expect(isCloseOnExec(fd), `descriptor ${fd}`).toBe(true);
  });

  it.skipIf(!linux)(`leaves a child nothing of a poller and its sockets (Linux: ${notLinux})`, () => {
    const poller = backend.poller();
    const listener = listen();
    const client = closing(Socket.connect(addressOf(listener)));
    const server = acceptOne(listener);
    const { read, write } = openPipe();
    poller.add(server, READABLE);
    poller.wait(0);
    const { stdout } = spawnSync('ls', ['/proc/self/fd'], { encoding: 'utf8' });
    const inherited = new Set(stdout.split('\n'));
    for (const fd of [poller.fd, listener.fd, client.fd, server.fd, read, write].filter((number) => number > 3))
      expect(inherited.has(String(fd)), `descriptor ${fd} in the child`).toBe(false);
  });
});

describe.skipIf(!linux)(`close-on-exec (Linux: ${notLinux})`, () => {
  checkDescriptorsAfterEachTest();

  const expectSet = (fd: number): void => expect(isCloseOnExec(fd), `descriptor ${fd}`).toBe(true);

  it('is set on new, paired, listening, connected and accepted sockets', () => {
    const listener = listen();
    const client = closing(Socket.connect(addressOf(listener)));
    for (const socket of [closing(new Socket('inet', 'stream')), ...pair(), listener, client, acceptOne(listener)])
      expectSet(socket.fd);
  });

  it('is set on both ends of a pipe and on a duplicate', () => {
    const { read, write } = openPipe();
    const copy = dup(read);
    for (const fd of [read, write, copy]) expectSet(fd);
    closeSync(copy);
  });

  it('is set by fromFd on what it adopts', () => {
    const [a] = pair();
    const adopted = closing(Socket.fromFd(a.detach()));
    expectSet(adopted.fd);
  });
});
