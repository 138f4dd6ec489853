import { spawnSync } from 'node:child_process';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { listenFds } from '../lib/listen_fds.ts';
import { Socket } from '../lib/socket.ts';
import { checkDescriptorsAfterEachTest } from './support/descriptors.ts';
import { runtimeCommand } from './support/runtimes.ts';
import { addressOf, connect, drain, listen, openPipe, pair, say } from './support/sockets.ts';
import { fixturePath, library, noteWorker } from './support/threads.ts';

interface Report {
  passed: { name: string; fd: number; listening: boolean }[];
  again: number;
  open: number[];
  inherited: number[];
  variables: string[];
}

/** Starts a service with these descriptors, from 3 on, and these variables; LISTEN_PID is its own unless it is given. */
const startService = (fds: readonly number[], variables: Record<string, string>): Report => {
  const command = [...runtimeCommand(), fixturePath('listen_fds.mjs'), String(2 + fds.length)];
  const { stdout, stderr, status } = spawnSync(
    'sh',
    ['-c', 'test -n "$LISTEN_PID" || export LISTEN_PID=$$; exec "$@"', 'sh', ...command],
    {
      encoding: 'utf8',
      env: { PATH: process.env.PATH ?? '', FDPOLL_LIBRARY: library, ...variables },
      stdio: ['ignore', 'pipe', 'pipe', ...fds],
    },
  );
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  return JSON.parse(stdout) as Report;
};

describe('a service that is started with sockets', () => {
  checkDescriptorsAfterEachTest();

  it('gets each with its name, and children get neither them nor the variables', () => {
    const listeners = [listen(), listen()] as const;
    const clients = listeners.map((listener) => connect(addressOf(listener)));
    const report = startService(
      listeners.map(({ fd }) => fd),
      { LISTEN_FDS: '2', LISTEN_FDNAMES: 'web:admin', LISTEN_PIDFDID: '1' },
    );
    expect(report.passed).toEqual([
      { name: 'web', fd: 3, listening: true },
      { name: 'admin', fd: 4, listening: true },
    ]);
    expect(report).toMatchObject({ again: 0, open: [3, 4], inherited: [], variables: [] });
    expect(clients.map((client) => drain(client).text)).toEqual(['hello from web', 'hello from admin']);
  });

  it('has sockets of an unknown name when there are no names', () => {
    const [a] = pair();
    expect(startService([a.fd], { LISTEN_FDS: '1' }).passed).toEqual([{ name: 'unknown', fd: 3, listening: false }]);
  });

  it('passes over what is no socket, and leaves it open under its number, close-on-exec', () => {
    const { read } = openPipe();
    const [a] = pair();
    const report = startService([a.fd, read], { LISTEN_FDS: '2', LISTEN_FDNAMES: 'a:fifo' });
    expect(report.passed).toEqual([{ name: 'a', fd: 3, listening: false }]);
    expect(report).toMatchObject({ open: [3, 4], inherited: [] });
  });

  it.each([
    ['they are for another process', { LISTEN_FDS: '1', LISTEN_PID: '1' }],
    ['the process is no number', { LISTEN_FDS: '1', LISTEN_PID: 'me' }],
    ['there are none', { LISTEN_FDS: '0' }],
    ['the count is missing', {}],
    ['the count is no number', { LISTEN_FDS: '1x' }],
    ['the count is negative', { LISTEN_FDS: '-1' }],
    ['the count is more than any', { LISTEN_FDS: '4294967297' }],
    ['the count is more than are open', { LISTEN_FDS: '900000' }],
    ['the names are of another number', { LISTEN_FDS: '1', LISTEN_FDNAMES: 'a:b' }],
  ])('gets none when %s, and no child is told of any', (_, variables) => {
    const [a] = pair();
    expect(startService([a.fd], variables)).toMatchObject({ passed: [], again: 0, open: [3], variables: [] });
  });
});

describe('a server that inetd starts', () => {
  checkDescriptorsAfterEachTest();

  it('takes descriptor 0 for its connection', () => {
    const [a, b] = pair();
    say(a, 'greeting');
    const [program = '', ...args] = runtimeCommand();
    const { stdout, stderr } = spawnSync(program, [...args, fixturePath('listen_fds.mjs'), 'inetd'], {
      encoding: 'utf8',
      env: { FDPOLL_LIBRARY: library, HOME: process.env.HOME },
      stdio: [b.fd, 'pipe', 'pipe'],
    });
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({ type: 'stream', listening: false, wouldBlock: -1 });
    expect(drain(a).text).toBe('echo greeting');
  });
});

describe('listenFds in this process', () => {
  checkDescriptorsAfterEachTest();

  beforeEach(() => {
    vi.stubEnv('LISTEN_PID', String(process.pid + 1));
    vi.stubEnv('LISTEN_FDS', '1');
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });

  it('removes the variables, which were meant for another', () => {
    expect(listenFds()).toEqual([]);
    expect(process.env).not.toHaveProperty('LISTEN_PID');
    expect(process.env).not.toHaveProperty('LISTEN_FDS');
  });

  it('adopts nothing then', () => {
    const adopt = vi.spyOn(Socket, 'fromFd');
    expect(listenFds()).toEqual([]);
    expect(adopt).not.toHaveBeenCalled();
  });

  it('has none in a Worker, whose copy of the variables others may use as well', async () => {
    const code = `import(${JSON.stringify(library)}).then(({ listenFds }) => {
      require('node:worker_threads').parentPort.postMessage([listenFds().length, process.env.LISTEN_FDS]);
    })`;
    noteWorker();
    const worker = new Worker(code, { eval: true, env: { LISTEN_PID: String(process.pid), LISTEN_FDS: '1' } });
    const answer = await new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    await worker.terminate();
    expect(answer).toEqual([0, '1']);
  });
});
