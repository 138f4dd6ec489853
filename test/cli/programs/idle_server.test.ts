import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { IdleProcess } from '../../../lib/cli/idle_process.ts';
import { backends, READABLE, Socket, waitFor } from '../../../lib/index.ts';
import { built } from '../dist.ts';

const program = built('cli/idle_server.js');
const subjects = [...backends().flatMap(({ name, usable }) => (usable ? [name as string] : [])), 'node:net'];
let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fdpoll-'));
  path = join(directory, 'socket');
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

describe.each(subjects)('idle server on %s', (subject) => {
  it('says when it holds as many connections as are waited for', async () => {
    const held = await IdleProcess.start(program, subject, path);
    const clients = Array.from({ length: 20 }, () => Socket.connect(`unix:${path}`));
    await held.hold(20);
    const waiting = held.hold(21);
    clients.push(Socket.connect(`unix:${path}`));
    await waiting;
    await held.close();
    for (const client of clients) client.close();
  });

  it('closes a connection that is not idle', async () => {
    const held = await IdleProcess.start(program, subject, path);
    const client = Socket.connect(`unix:${path}`);
    await held.hold(1);
    client.send(new Uint8Array(1));
    expect(waitFor(client, READABLE, 5000) & READABLE).toBe(READABLE);
    await held.close();
    client.close();
  });

  it('ends when the process that measures is gone', async () => {
    const child: ChildProcess = fork(program, [subject, path], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const exited = once(child, 'exit');
    await once(child, 'message');
    child.disconnect();
    expect(await exited).toEqual([0, null]);
  });

  it('says why it cannot listen', async () => {
    const nowhere = join(directory, 'missing', 'socket');
    await expect(IdleProcess.start(program, subject, nowhere)).rejects.toThrow(/failed: .*(EACCES|ENOENT)/);
  });
});

describe('idle server', () => {
  it('ends when the process that measures was gone before it was loaded', async () => {
    const child = fork(program, ['poll', path], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const exited = once(child, 'exit');
    child.disconnect();
    expect(await exited).toEqual([0, null]);
  });

  it('says why it cannot start', async () => {
    await expect(IdleProcess.start(program, 'fifo', path)).rejects.toThrow('failed: ');
  });
});
