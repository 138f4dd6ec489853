import { type ChildProcess, spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collect, echoOf } from './support/net_client.ts';
import { type Bundle, bundleProgram, connectTo, freePort, missing, numbered } from './support/programs.ts';
import { runtimeCommand } from './support/runtimes.ts';

describe.skipIf(missing !== '')(`the program echo.ts, as it stands${missing}`, () => {
  let bundle: Bundle;
  let child: ChildProcess;
  let port: number;
  let stderr = '';

  beforeAll(async () => {
    bundle = await bundleProgram('echo.ts');
    port = await freePort();
    const command = ['-c', 'ulimit -n 128 && exec "$@"', 'sh', ...runtimeCommand(), bundle.path, String(port)];
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
    bundle.remove();
    expect(stderr).toBe('');
    expect(running, 'the program serves until it is killed').toBe(true);
  });

  it('echoes what several connections say in turn', async () => {
    const sockets = await Promise.all(Array.from({ length: 10 }, () => connectTo(port)));
    for (let round = 0; round < 3; round++)
      for (const [i, socket] of sockets.entries()) {
        const data = numbered(100 + i, i + round);
        expect((await echoOf(socket, data)).equals(data)).toBe(true);
      }
  });

  it('echoes what many connections say at once', async () => {
    const sockets = await Promise.all(Array.from({ length: 60 }, () => connectTo(port)));
    const answers = await Promise.all(sockets.map((socket, i) => echoOf(socket, numbered(50_000, i))));
    for (const [i, answer] of answers.entries()) expect(answer.equals(numbered(50_000, i))).toBe(true);
  });

  it('echoes megabytes to a client that reads late, with back-pressure', async () => {
    const socket = await connectTo(port);
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
      (await connectTo(port)).end();
      const broken = await connectTo(port);
      broken.on('error', () => {});
      broken.write('half');
      broken.resetAndDestroy();
    }
    const socket = await connectTo(port);
    expect((await echoOf(socket, Buffer.from('still there'))).toString()).toBe('still there');
  });

  it('serves more clients than it may have descriptors, as others leave', async () => {
    const sockets = await Promise.all(Array.from({ length: 200 }, () => connectTo(port)));
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
