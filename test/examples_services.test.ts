import { mkdtempSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { close, READABLE, Socket, waitFor } from '../lib/index.ts';
import { runFixture, startFixture } from './support/children.ts';
import { checkDescriptorsAfterEachTest } from './support/descriptors.ts';
import { closing } from './support/sockets.ts';

const example = (name: string): string => `../../examples/${name}`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fdpoll-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
});

/** The next datagram, within 10 seconds, and the descriptors that it brought. */
const next = (socket: Socket): { text: string; fds: readonly number[] } => {
  expect(waitFor(socket, READABLE, 10_000)).toBe(READABLE);
  const buffer = Buffer.alloc(4096);
  const { bytes, fds } = socket.recvMessage(buffer) ?? expect.fail('a readable socket has a message');
  return { text: buffer.toString('utf8', 0, bytes), fds };
};

describe('examples/sd_notify.mjs', () => {
  checkDescriptorsAfterEachTest();
  const linux = process.platform === 'linux';
  // Only Linux has abstract names.
  const places = linux ? ['a path', 'an abstract name'] : ['a path'];

  it.each(
    places,
  )('tells a manager at %s that it is ready, alive and about to end, and waits until that is read', async (kind) => {
    const path = kind === 'a path' ? join(folder, 'notify') : `@fdpoll-notify-${process.pid}`;
    const manager = closing(Socket.listen(`unix:${path}`, { type: 'dgram' }));
    // Two beats in half the time that the manager gives.
    const env = { NOTIFY_SOCKET: path, WATCHDOG_USEC: '200000' };
    const service = await startFixture(example('sd_notify.mjs'), [], { env });
    expect(service.firstLine).toBe('ready, and the manager knows');
    expect(next(manager)).toEqual({ text: `READY=1\nSTATUS=Serving\nMAINPID=${service.process.pid}`, fds: [] });
    expect(next(manager).text).toBe('WATCHDOG=1');
    expect(next(manager).text).toBe('WATCHDOG=1');
    service.process.kill('SIGTERM');
    let text = 'WATCHDOG=1';
    while (text === 'WATCHDOG=1') text = next(manager).text;
    expect(text).toBe('STOPPING=1\nSTATUS=Closing what is open');
    const barrier = next(manager);
    expect(barrier.text).toBe('BARRIER=1');
    expect(barrier.fds.length).toBe(1);
    expect(service.process.exitCode, 'it waits').toBeNull();
    for (const fd of barrier.fds) close(fd);
    expect(await service.ended).toMatchObject({ code: 0, signal: null, stderr: '' });
  });

  it('runs without a manager', async () => {
    const service = await startFixture(example('sd_notify.mjs'), [], { env: { NOTIFY_SOCKET: '' } });
    expect(service.firstLine).toBe('ready; there is no manager');
    service.process.kill('SIGINT');
    expect(await service.ended).toMatchObject({ code: 0, signal: null, stderr: '' });
  });

  it('fails when the manager is not where it should be, and when that is no address', async () => {
    const path = join(folder, 'nobody');
    const gone = await runFixture(example('sd_notify.mjs'), [], { env: { NOTIFY_SOCKET: path } });
    expect(gone).toMatchObject({ code: 1, stdout: '' });
    expect(gone.stderr).toContain('FdError: sendmsg ENOENT: no such file or directory');
    const wrong = await runFixture(example('sd_notify.mjs'), [], { env: { NOTIFY_SOCKET: 'relative' } });
    expect(wrong).toMatchObject({ code: 1, stdout: '' });
    expect(wrong.stderr).toContain('NOTIFY_SOCKET=relative is no path and no abstract name');
  });

  it('leaves the watchdog of another process alone', async () => {
    const path = join(folder, 'notify');
    const manager = closing(Socket.listen(`unix:${path}`, { type: 'dgram' }));
    const env = { NOTIFY_SOCKET: path, WATCHDOG_USEC: '1', WATCHDOG_PID: '1' };
    const service = await startFixture(example('sd_notify.mjs'), [], { env });
    expect(next(manager).text).toContain('READY=1');
    service.process.kill('SIGTERM');
    expect(next(manager).text).toContain('STOPPING=1');
    for (const fd of next(manager).fds) close(fd);
    expect(await service.ended).toMatchObject({ code: 0 });
  });
});

describe('examples/syslog.mjs', () => {
  checkDescriptorsAfterEachTest();
  const LINE = /^<14>(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ 123]\d \d\d:\d\d:\d\d node\[\d+\]: (.*)$/s;

  it('sends a line of RFC 3164 in a datagram, without the control characters of its text', async () => {
    const path = join(folder, 'log');
    const log = closing(Socket.listen(`unix:${path}`, { type: 'dgram' }));
    expect(await runFixture(example('syslog.mjs'), ['info', 'the pump\nruns\x07\r\n ä', path])).toMatchObject({
      ...{ code: 0, stdout: '', stderr: '' },
    });
    expect(LINE.exec(next(log).text)?.[2]).toBe('the pump runs  ä');
  });

  it('sends a line of RFC 5424', async () => {
    const path = join(folder, 'log');
    const log = closing(Socket.listen(`unix:${path}`, { type: 'dgram' }));
    expect(await runFixture(example('syslog.mjs'), ['err', 'no pump', path, 'rfc5424'])).toMatchObject({ code: 0 });
    const [priority, time = '', host, tag, pid, ...rest] = next(log).text.split(' ');
    expect({ priority, host, tag, rest: rest.join(' ') }).toEqual({
      ...{ priority: '<11>1', host: hostname(), tag: 'node', rest: '- - no pump' },
    });
    expect(new Date(time).toISOString()).toBe(time);
    expect(pid).toMatch(/^\d+$/);
  });

  it('sends lines that end with NUL where the log is a stream', async () => {
    const path = join(folder, 'log');
    const listener = closing(Socket.listen(`unix:${path}`));
    expect(await runFixture(example('syslog.mjs'), ['info', 'in a stream', path])).toMatchObject({
      code: 0,
      stderr: '',
    });
    const peer = closing(listener.accept() ?? expect.fail('it has connected'));
    const buffer = Buffer.alloc(1000);
    const text = buffer.toString('utf8', 0, peer.recv(buffer));
    expect(text.at(-1)).toBe('\0');
    expect(LINE.exec(text.slice(0, -1))?.[2]).toBe('in a stream');
    expect(peer.recv(buffer)).toBe(0);
  });

  it.each(['dgram', 'stream'] as const)('goes on with a log that was restarted (%s)', async (type) => {
    const { code, stdout, stderr } = await runFixture('syslog_restart.mjs', [join(folder, 'log'), type]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.trimEnd().split('\n')).toEqual(['true one', 'true two', 'connect ENOENT', 'true three']);
  });

  it('says false when the log takes nothing, and goes on when it does', async () => {
    const { code, stdout, stderr } = await runFixture('syslog_full.mjs', [join(folder, 'log')]);
    expect({ code, stderr, stdout }).toEqual({ code: 0, stderr: '', stdout: 'false after some\ntrue\n' });
  });

  it('says which severities there are, and that nobody logs', async () => {
    const log = closing(Socket.listen(`unix:${join(folder, 'log')}`, { type: 'dgram' }));
    const wrong = await runFixture(example('syslog.mjs'), ['loud', 'x', join(folder, 'log')]);
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain('RangeError: loud is none of emerg, alert, crit');
    expect(log.recv(Buffer.alloc(10))).toBe(-1);
    const nobody = await runFixture(example('syslog.mjs'), ['info', 'x', join(folder, 'nobody')]);
    expect(nobody.code).toBe(1);
    expect(nobody.stderr).toContain('FdError: connect ENOENT: no such file or directory');
  });
});
