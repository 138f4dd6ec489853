import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Socket } from '../lib/index.ts';
import { type Child, startFixture } from './support/children.ts';
import { checkDescriptorsAfterEachTest } from './support/descriptors.ts';
import { collect, echoOf } from './support/net_client.ts';
import { type Bundle, bundleProgram, connectTo, freePort, missing, numbered } from './support/programs.ts';
import { closing } from './support/sockets.ts';

const start = (bundle: Bundle, args: readonly string[]): Promise<Child> => startFixture(bundle.fixture, args);

/** A connection that waits for what it is to receive. */
const connectNow = (port: number): Socket => {
  const socket = closing(Socket.connect(`127.0.0.1:${port}`, { timeout: 10_000 }));
  socket.timeout = 10_000;
  return socket;
};

describe.skipIf(missing !== '')(`the program batch.ts, as it stands${missing}`, () => {
  checkDescriptorsAfterEachTest();
  let bundle: Bundle;
  beforeAll(async () => {
    bundle = await bundleProgram('batch.ts', {
      before: `process.stdout.write('starts\\n');`,
      // The simplest one: it waits, and everybody else with it.
      after: `function finish(socket, rest) {
        socket.timeout = Infinity;
        try {
          for (let sent = 0; sent < rest.length; ) sent += socket.send(rest, sent);
          socket.timeout = 0;
        } catch {
          socket.close();
        }
      }`,
    });
  });
  afterAll(() => bundle.remove());

  const serve = async (): Promise<{ server: Child; port: number }> => {
    const port = await freePort();
    return { server: await start(bundle, [String(port)]), port };
  };
  const stillServes = async ({ server, port }: { server: Child; port: number }): Promise<void> => {
    const socket = await connectTo(port);
    expect((await echoOf(socket, Buffer.from('still there'))).toString()).toBe('still there');
    server.process.kill();
    expect(await server.ended).toMatchObject({ signal: 'SIGTERM', stderr: '' });
  };

  it('echoes what many connections say at once, more than a batch of them has room for', async () => {
    const running = await serve();
    const sockets = await Promise.all(Array.from({ length: 100 }, () => connectTo(running.port)));
    const answers = await Promise.all(sockets.map((socket, i) => echoOf(socket, numbered(100_000, i))));
    for (const [i, answer] of answers.entries()) expect(answer.equals(numbered(100_000, i)), String(i)).toBe(true);
    await stillServes(running);
  });

  it('finishes what the kernel does not take at once', async () => {
    const running = await serve();
    const socket = await connectTo(running.port);
    const data = numbered(32_000_000, 3);
    // Reads only when nothing goes out any more.
    const written = new Promise((resolve) => socket.write(data, resolve));
    const full = new Promise((resolve) => setTimeout(resolve, 300, 'full'));
    expect(await Promise.race([written, full])).toBe('full');
    expect((await collect(socket, data.length)).equals(data)).toBe(true);
    await written;
    await stillServes(running);
  });

  it('goes on after clients that leave and clients that break off', async () => {
    const running = await serve();
    for (let round = 0; round < 20; round++) {
      (await connectTo(running.port)).end();
      const broken = await connectTo(running.port);
      broken.on('error', () => {});
      broken.write('half');
      broken.resetAndDestroy();
    }
    await stillServes(running);
  });
});

describe.skipIf(missing !== '')(`the program workers.ts, as it stands${missing}`, () => {
  checkDescriptorsAfterEachTest();
  let bundle: Bundle;
  beforeAll(async () => {
    // It prints nothing, so the last of its Workers tells where all of them listen: each has posted its handle by then.
    bundle = await bundleProgram('workers.ts', {
      before: `import { appendFileSync, rmSync, statSync, writeSync } from 'node:fs';
        import { parentPort as port, workerData as given } from 'node:worker_threads';
        const up = import.meta.filename + '.up';
        if (given) {
          const post = port.postMessage;
          port.postMessage = (message) => {
            post.call(port, message);
            if (message.handle === undefined) return;
            appendFileSync(up, 'x');
            if (statSync(up).size >= 4) writeSync(1, given.address + '\\n');
          };
        } else rmSync(up, { force: true });`,
    });
  });
  afterAll(() => bundle.remove());

  const serve = async (mode: string): Promise<{ server: Child; port: number }> => {
    const server = await start(bundle, [mode]);
    return { server, port: Number(server.firstLine.split(':')[1]) };
  };

  it.each(['exclusive', 'reuseport'])('echoes what many connections say in several Workers (%s)', async (mode) => {
    const { server, port } = await serve(mode);
    const sockets = await Promise.all(Array.from({ length: 200 }, () => connectTo(port)));
    for (let round = 0; round < 3; round++) {
      const answers = await Promise.all(sockets.map((socket, i) => echoOf(socket, numbered(1000, i + round))));
      for (const [i, answer] of answers.entries()) expect(answer.equals(numbered(1000, i + round))).toBe(true);
    }
    for (const socket of sockets) socket.destroy();
    const late = await connectTo(port);
    expect((await echoOf(late, Buffer.from('still there'))).toString()).toBe('still there');
    server.process.kill();
    expect(await server.ended).toMatchObject({ signal: 'SIGTERM', stderr: '' });
  });

  it('hands over the connections that are too many for one Worker', async () => {
    const { server, port } = await serve('reuseport');
    // Each keeps a thousand, so with these at least one of the four has more than that.
    const sockets = Array.from({ length: 4100 }, () => connectNow(port));
    let echoed = 0;
    for (const [i, socket] of sockets.entries()) {
      socket.send(numbered(10, i));
      const buffer = Buffer.alloc(20);
      if (buffer.subarray(0, socket.recv(buffer)).equals(numbered(10, i))) echoed++;
    }
    expect(echoed).toBe(sockets.length);
    server.process.kill();
    expect(await server.ended).toMatchObject({ signal: 'SIGTERM', stderr: '' });
  });
});
