import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { collect, echoOf } from './support/net_client.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const programs = join(root, '..', 'shared', 'programs');
const missing = existsSync(programs) ? '' : ' (skipped: the programs of the contract are not beside the repository)';

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });

/** A connection, tried again until the program listens. */
const connect = async (port: number): Promise<net.Socket> => {
  for (let attempt = 0; attempt < 500; attempt++) {
    const socket = net.connect(port, '127.0.0.1');
    const connected = await new Promise((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    if (connected) {
      onTestFinished(() => void socket.destroy());
      return socket;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return expect.fail('the program does not listen');
};

const numbered = (length: number, seed: number): Buffer =>
  Buffer.from(Uint8Array.from({ length }, (_, i) => i * 31 + seed));

describe.skipIf(missing !== '')(`the program echo.ts, as it stands${missing}`, () => {
  let folder: string;
  let child: ChildProcess;
  let port: number;
  let stderr = '';

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'fdpoll-programs-'));
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(root, join(folder, 'node_modules', 'fdpoll'));
    const outfile = join(folder, 'echo.mjs');
    await build({ entryPoints: [join(programs, 'echo.ts')], outfile, format: 'esm', target: 'node20' });
    port = await freePort();
    const command = ['-c', 'ulimit -n 128 && exec "$@"', 'sh', process.execPath, outfile, String(port)];
    child = spawn('sh', command, { stdio: ['ignore', 'ignore', 'pipe'] });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
  });

  afterAll(async () => {
    const gone = new Promise((resolve) => child.once('close', resolve));
    const running = child.exitCode === null && child.signalCode === null;
    child.kill('SIGKILL');
    if (running) await gone;
    rmSync(folder, { recursive: true });
    expect(stderr).toBe('');
    expect(running, 'the program serves until it is killed').toBe(true);
  });

  it('echoes what several connections say in turn', async () => {
    const sockets = await Promise.all(Array.from({ length: 10 }, () => connect(port)));
    for (let round = 0; round < 3; round++)
      for (const [i, socket] of sockets.entries()) {
        const data = numbered(100 + i, i + round);
        expect((await echoOf(socket, data)).equals(data)).toBe(true);
      }
  });

  it('echoes what many connections say at once', async () => {
    const sockets = await Promise.all(Array.from({ length: 60 }, () => connect(port)));
    const answers = await Promise.all(sockets.map((socket, i) => echoOf(socket, numbered(50_000, i))));
    for (const [i, answer] of answers.entries()) expect(answer.equals(numbered(50_000, i))).toBe(true);
  });

  it('echoes megabytes to a client that reads late, with back-pressure', async () => {
    const socket = await connect(port);
    const data = numbered(16_000_000, 3);
    let answer: Promise<Buffer> | undefined;
    for (let sent = 0; sent < data.length; sent += 65536) {
      if (socket.write(data.subarray(sent, sent + 65536))) continue;
      const drained = new Promise((resolve) => socket.once('drain', resolve));
      // No room for so long: the buffers on the way are full, and the program holds back. Reading frees it.
      const full = new Promise((resolve) => setTimeout(resolve, 300, 'full'));
      if ((await Promise.race([drained, full])) === 'full') {
        answer ??= collect(socket, data.length);
        await drained;
      }
    }
    expect(answer, 'the program read on although nobody took its echo').toBeDefined();
    expect((await answer)?.equals(data)).toBe(true);
  });

  it('goes on after clients that leave and clients that break off', async () => {
    for (let round = 0; round < 5; round++) {
      (await connect(port)).end();
      const broken = await connect(port);
      broken.on('error', () => {});
      broken.write('half');
      broken.resetAndDestroy();
    }
    const socket = await connect(port);
    expect((await echoOf(socket, Buffer.from('still there'))).toString()).toBe('still there');
  });

  it('serves more clients than it may have descriptors, as others leave', async () => {
    const sockets = await Promise.all(Array.from({ length: 200 }, () => connect(port)));
    let served = 0;
    await Promise.all(
      sockets.map(async (socket, i) => {
        const data = numbered(1000, i);
        if ((await echoOf(socket, data)).equals(data)) served++;
        socket.destroy();
      }),
    );
    expect(served).toBe(200);
  });
});
