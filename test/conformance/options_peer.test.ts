import { closeSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { READABLE, Socket, waitFor } from '../../lib/index.ts';
import { startFixture } from '../support/children.ts';
import { checkDescriptorsAfterEachTest, isCloseOnExec } from '../support/descriptors.ts';
import { expectFdError, thrownBy } from '../support/expect.ts';
import { closingFd, nextMessage } from '../support/messages.ts';
import {
  acceptOne,
  addressOf,
  bytes,
  closing,
  connect,
  connection,
  drain,
  listen,
  pair,
  say,
} from '../support/sockets.ts';

const onLinux = process.platform === 'linux';

const path = (): string => {
  const directory = mkdtempSync(join(tmpdir(), 'fdpoll-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return `unix:${join(directory, 's')}`;
};

/** What holds of a descriptor now; nothing of one that there is not. */
const waitForNow = (fd: number): number => (fd < 0 ? 0 : waitFor(fd, READABLE, 0));

describe('who is at the other end of a unix socket', () => {
  checkDescriptorsAfterEachTest();

  const me = { uid: process.getuid?.(), gid: process.getgid?.() };

  it('is this process for a pair', () => {
    const [a, b] = pair();
    // FreeBSD and macOS note credentials at connect, which a pair never calls.
    if (!onLinux) return void expect(Object.keys(a.peerCredentials).sort()).toEqual(['gid', 'pid', 'uid']);
    expect(a.peerCredentials).toEqual({ pid: process.pid, ...me });
    expect(b.peerCredentials).toEqual(a.peerCredentials);
  });

  it('is the process that connected, and the one that listens', async () => {
    const listener = listen(path());
    const local = addressOf(listener) as { path: string };
    const child = await startFixture('peer.mjs', [`unix:${local.path}`]);
    const server = acceptOne(listener);
    const { pid, ...rest } = server.peerCredentials;
    expect(rest).toEqual(me);
    if (pid !== undefined) expect(pid).toBe(Number(child.firstLine));
    server.close();
    await child.ended;
    const client = connect(local.path === '' ? 'unix:' : `unix:${local.path}`);
    expect(client.peerCredentials).toMatchObject({ uid: me.uid });
  });

  const root = onLinux && process.getuid?.() === 0;

  it.runIf(root)(
    'is who connected then: the peer is nobody by now, and cannot say that it is somebody else',
    async () => {
      const listener = listen(path());
      listener.setOption('SO_PASSCRED', true);
      const { path: place } = addressOf(listener) as { path: string };
      const child = await startFixture('credentials.mjs', [`unix:${place}`]);
      const server = acceptOne(listener);
      server.setOption('SO_PASSCRED', true);
      const { pid, answers } = JSON.parse(child.firstLine) as { pid: number; answers: string[] };
      expect(server.peerCredentials).toEqual({ pid, uid: 0, gid: 0 });
      expect(answers).toEqual(['EPERM', 'EPERM', 'sent']);
      expect(nextMessage(server).credentials).toEqual({ pid, uid: 65534, gid: 65534 });
      server.close();
      await child.ended;
    },
  );

  it.runIf(onLinux)(
    'is a number that may be somebody else by now; a descriptor of the process is not (Linux 6.5)',
    async () => {
      const listener = listen(path());
      const { path: place } = addressOf(listener) as { path: string };
      const child = await startFixture('peer.mjs', [`unix:${place}`]);
      const server = acceptOne(listener);
      let pidfd = -1;
      try {
        pidfd = closingFd(server.getOption('SO_PEERPIDFD') as number);
      } catch (error) {
        expect(error).toMatchObject({ code: 'ENOPROTOOPT', syscall: 'getsockopt' });
      }
      expect(waitForNow(pidfd)).toBe(0);
      server.shutdown('write');
      await child.ended;
      // The connection still says the number of a process that there is no more.
      expect(server.peerCredentials.pid).toBe(Number(child.firstLine));
      if (pidfd < 0) return;
      expect(waitFor(pidfd, READABLE, 2000) & READABLE).toBe(READABLE);
      expect(readFileSync(`/proc/self/fdinfo/${pidfd}`, 'utf8')).toContain('Pid:\t-1');
    },
  );

  it('is nobody before there is a connection', () => {
    const socket = closing(new Socket('unix', 'stream'));
    const nobody = ['ENOTCONN', ...(onLinux ? [] : ['EINVAL'])];
    for (const each of [socket, closing(new Socket('unix', 'dgram'))]) {
      const error = thrownBy(() => each.peerCredentials) as { code: string; syscall: string };
      expect(nobody).toContain(error.code);
      expect(error.syscall).toBe('getsockopt');
    }
  });

  it('is not to be known of other families, which answer the same question with something else', () => {
    const sockets = [connection()[0], new Socket('inet', 'dgram'), new Socket('inet6', 'stream')].map(closing);
    for (const socket of sockets) {
      const error = expectFdError(() => socket.peerCredentials, 'ENOPROTOOPT', 'getsockopt');
      expect(error.message).toMatch(/unix sockets/);
      expect(error.fd).toBe(socket.fd);
    }
  });

  it('is also a list of groups and a descriptor of the process, where the kernel has them', () => {
    const [a] = pair();
    if (!onLinux) {
      expectFdError(() => a.getOption('SO_PEERGROUPS'), 'ENOPROTOOPT', 'getsockopt');
      return;
    }
    const groups = /^Groups:(.*)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]?.trim() ?? '';
    expect(a.getOption('SO_PEERGROUPS')).toEqual(groups === '' ? [] : groups.split(/\s+/).map(Number));
    expect(a.getOption('SO_PEERCRED')).toEqual(a.peerCredentials);
    try {
      const fd = a.getOption('SO_PEERPIDFD') as number;
      expect(isCloseOnExec(fd)).toBe(true);
      closeSync(fd);
    } catch (error) {
      expect(error).toMatchObject({ code: 'ENOPROTOOPT', syscall: 'getsockopt' }); // Linux before 6.5
    }
  });
});

describe('what the kernel says of a TCP connection', () => {
  checkDescriptorsAfterEachTest();

  it('follows what happens on it', () => {
    const [client, server] = connection();
    const before = client.tcpInfo();
    say(client, 'x'.repeat(1000));
    expect(waitFor(server, READABLE, 2000)).toBe(READABLE);
    expect(drain(server).text).toHaveLength(1000);
    say(server, 'y');
    expect(waitFor(client, READABLE, 2000)).toBe(READABLE);
    const info = client.tcpInfo();
    const established = { linux: 1, darwin: 4, freebsd: 4, netbsd: 4, openbsd: 4 } as Record<string, number>;
    expect(info.state).toBe(established[process.platform]);
    expect(Object.keys(before)).toEqual(Object.keys(info));
    expect(info.sndCwnd).toBeGreaterThan(0);
    if (!onLinux) return;
    expect(info.rtt).toBeGreaterThan(0);
    expect(info.sndMss).toBeGreaterThan(500);
    const bytesNow = [info.bytesAcked, info.bytesReceived];
    // Linux before 4.1 does not count them. The SYN counts as one.
    expect([
      [undefined, undefined],
      [1001n, 1n],
    ]).toContainEqual(bytesNow);
    for (const [name, value] of Object.entries(info))
      expect([name, typeof value]).toEqual([name, expect.stringMatching(/number|bigint/)]);
  });

  it('tells of a socket that is new or listens as well', () => {
    for (const socket of [closing(new Socket('inet', 'stream')), listen(), closing(new Socket('inet6', 'stream'))])
      expect(socket.tcpInfo().state).toBeTypeOf('number');
  });

  it('is an error of any other socket', () => {
    for (const socket of [pair()[0], closing(new Socket('inet', 'dgram'))]) {
      const error = thrownBy(() => socket.tcpInfo()) as { code: string; syscall: string; message: string };
      expect(error.syscall).toBe('getsockopt');
      expect(error.code).toMatch(/^(ENOPROTOOPT|ENOTSUP|EOPNOTSUPP|EINVAL)$/);
      expect(error.message).toMatch(/\(TCP_(CONNECTION_)?INFO\)$/);
    }
  });

  it('is a new object each time, which nobody else changes', () => {
    const [client] = connection();
    const info = client.tcpInfo();
    say(client, bytes('more').toString());
    expect(client.tcpInfo()).not.toBe(info);
  });
});
