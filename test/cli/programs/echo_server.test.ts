import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { ServerProcess } from '../../../lib/cli/server_process.ts';
import { backends, READABLE, Socket, WRITABLE, waitFor } from '../../../lib/index.ts';
import { built } from '../dist.ts';

const usable = backends().filter((backend) => backend.usable);
const subjects = [...usable.map(({ name }) => name as string), 'node:net'];
const closing: (() => void | Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

function connect(subject: string): Socket {
  const server = new ServerProcess(built('cli/echo_server.js'), subject);
  const socket = Socket.connect(`127.0.0.1:${server.port}`);
  closing.push(
    () => socket.close(),
    () => server.close(),
  );
  return socket;
}

/** Sends all and receives as much, reading only when nothing more can be sent. */
function exchange(socket: Socket, bytes: Uint8Array): Uint8Array {
  const received = new Uint8Array(bytes.length);
  let sent = 0;
  let got = 0;
  while (got < bytes.length) {
    const interest = sent < bytes.length ? WRITABLE : READABLE;
    if (waitFor(socket, interest, sent < bytes.length ? 200 : 5000) === 0 && interest === READABLE) break;
    const n = sent < bytes.length ? socket.send(bytes, sent) : -1;
    if (n > 0) {
      sent += n;
      continue;
    }
    const m = socket.recv(received, got);
    if (m === 0) break;
    if (m > 0) got += m;
  }
  return received.subarray(0, got);
}

describe.each(subjects)('echo server on %s', (subject) => {
  it('sends back what it receives', () => {
    const socket = connect(subject);
    expect(Buffer.from(exchange(socket, Buffer.from('hello'))).toString()).toBe('hello');
  });

  it('loses nothing when the client is slow to read', () => {
    const bytes = new Uint8Array(8 << 20).map((_, i) => i % 251);
    const socket = connect(subject);
    expect(Buffer.compare(exchange(socket, bytes), bytes)).toBe(0);
  });

  it('closes when the client is done', () => {
    const socket = connect(subject);
    socket.shutdown('write');
    expect(waitFor(socket, READABLE, 5000) & READABLE).toBe(READABLE);
    expect(socket.recv(new Uint8Array(1))).toBe(0);
  });

  it('ends when the process that measures is gone', async () => {
    const [control, theirs] = Socket.pair();
    const child: ChildProcess = spawn(process.execPath, [built('cli/echo_server.js'), subject, 'tcp'], {
      stdio: ['ignore', 'ignore', 'inherit', theirs.fd],
    });
    theirs.close();
    const exited = once(child, 'exit');
    expect(waitFor(control, READABLE, 10_000)).not.toBe(0);
    control.close();
    expect(await exited).toEqual([0, null]);
  });
});

describe.each(usable)('echo server on $name', ({ name }) => {
  it('serves the socket that it inherits', async () => {
    const [ours, theirs] = Socket.pair();
    const server = new ServerProcess(built('cli/echo_server.js'), name, theirs);
    expect(Buffer.from(exchange(ours, Buffer.from('ball'))).toString()).toBe('ball');
    ours.close();
    await server.close();
  });
});

describe('echo server', () => {
  it('says why it cannot start', () => {
    expect(() => new ServerProcess(built('cli/echo_server.js'), 'fifo')).toThrow('the server process failed');
  });
});
