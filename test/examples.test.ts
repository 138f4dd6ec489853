import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { type Child, runFixture, startFixture } from './support/children.ts';
import { daemon, scriptBus, startDaemon } from './support/dbus.ts';
import { checkDescriptorsAfterEachTest } from './support/descriptors.ts';
import { serve } from './support/duplex.ts';
import { collect, echoOf } from './support/net_client.ts';
import { listen } from './support/sockets.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

// Seen from the fixtures, whose way of being started serves the examples too.
const example = (name: string): string => `../../examples/${name}`;

const sockets: net.Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'fdp-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
};

/** A client of the address that the example printed. */
const connect = async (server: Child): Promise<net.Socket> => {
  const [host, port] = server.firstLine.split(':');
  const socket = net.connect(Number(port), host);
  sockets.push(socket);
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  return socket;
};

const echoed = async (socket: net.Socket, text: string): Promise<string> =>
  (await echoOf(socket, Buffer.from(text))).toString();

/** More bytes than the kernel keeps for two sockets in both directions. */
const MORE_THAN_FITS: Buffer = Buffer.alloc(
  48 * 1024 * 1024,
  Uint8Array.from({ length: 65521 }, (_, i) => (i * 31) >> 3),
);

describe('examples/echo_server.mjs', () => {
  it('has fewer than 40 lines', () => {
    const text = readFileSync(new URL('../examples/echo_server.mjs', import.meta.url), 'utf8');
    expect(text.trimEnd().split('\n').length).toBeLessThan(40);
  });

  it('echoes what several clients say, and tells the end of one from the others', async () => {
    const server = await startFixture(example('echo_server.mjs'));
    const clients = await Promise.all(Array.from({ length: 5 }, () => connect(server)));
    for (const [i, client] of clients.entries()) expect(await echoed(client, `client ${i}`)).toBe(`client ${i}`);
    const [first, second] = clients as [net.Socket, net.Socket];
    const ended = new Promise((resolve) => first.once('end', resolve));
    first.end('the last words');
    expect((await collect(first, 14)).toString()).toBe('the last words');
    first.resume();
    await ended;
    expect(await echoed(second, 'still here')).toBe('still here');
  });

  it('listens on the port that it is given', async () => {
    const { port, close } = await new Promise<{ port: number; close: () => Promise<unknown> }>((resolve) => {
      const free = net.createServer().listen(0, '127.0.0.1', () => {
        const close = () => new Promise((closed) => free.close(closed));
        resolve({ port: (free.address() as net.AddressInfo).port, close });
      });
    });
    await close();
    const server = await startFixture(example('echo_server.mjs'), [String(port)]);
    expect(server.firstLine).toBe(`127.0.0.1:${port}`);
    expect(await echoed(await connect(server), 'hello')).toBe('hello');
  });

  it('reads nothing more from a client that does not take its echo, and echoes all of it when it does', async () => {
    const server = await startFixture(example('echo_server.mjs'));
    const [slow, other] = [await connect(server), await connect(server)];
    slow.pause();
    let taken = 0;
    const writing = (async () => {
      for (; taken < MORE_THAN_FITS.length; taken += 65536) {
        const chunk = MORE_THAN_FITS.subarray(taken, taken + 65536);
        await new Promise((resolve) => slow.write(chunk, resolve));
      }
    })();
    // A server that holds nothing back takes everything, sooner or later. The other client's messages fill its buffer.
    const message = 'served meanwhile '.repeat(3000);
    for (let idle = 0, before = -1; idle < 100; before = taken) {
      expect(await echoed(other, message)).toBe(message);
      idle = taken === before ? idle + 1 : 0;
    }
    expect(taken).toBeLessThan(MORE_THAN_FITS.length);
    expect((await collect(slow, MORE_THAN_FITS.length)).equals(MORE_THAN_FITS)).toBe(true);
    await writing;
  });

  it('goes on after clients that break off', async () => {
    const server = await startFixture(example('echo_server.mjs'));
    for (let round = 0; round < 5; round++) {
      const broken = await connect(server);
      broken.on('error', () => {});
      broken.write('half');
      broken.resetAndDestroy();
    }
    expect(await echoed(await connect(server), 'still here')).toBe('still here');
  });

  it('serves 60 clients with 48 descriptors, as others leave, and does not spin meanwhile', async () => {
    const server = await startFixture(example('echo_server.mjs'), [], { descriptors: 48 });
    const clients = await Promise.all(Array.from({ length: 60 }, () => connect(server)));
    let served = 0;
    const all = clients.map(async (client, i) => {
      expect(await echoed(client, `client ${i}`)).toBe(`client ${i}`);
      served++;
    });
    await Promise.race(all);
    const before = cpuTime(server);
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(served).toBeGreaterThan(0);
    expect(served, 'more clients than descriptors').toBeLessThan(48);
    // Of 400 ms; elsewhere than on Linux nobody tells.
    if (before !== undefined) expect((cpuTime(server) ?? 0) - before).toBeLessThan(150);

    await Promise.all(all.map((done, i) => done.then(() => clients[i]?.destroy())));
    expect(served).toBe(60);
    expect(await echoed(await connect(server), 'and one more')).toBe('and one more');
  });
});

/** CPU time of the main thread in milliseconds, where the system tells. */
const cpuTime = ({ process: child }: Child): number | undefined => {
  if (process.platform !== 'linux') return undefined;
  return Number(readFileSync(`/proc/${child.pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
};

describe('examples/wake_a_worker.mjs', () => {
  it('has a Worker answer what it is woken for', async () => {
    const { code, stdout, stderr } = await runFixture(example('wake_a_worker.mjs'));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.split('\n')).toEqual([
      'the square of 12 is 144',
      'the square of 20 is 400',
      'the waker of a poller that is gone says false',
      '',
    ]);
  });
});

describe('examples/watch_stdin_and_socket.mjs', () => {
  it('carries more than fits into the buffers from stdin to an echo server and back to stdout', async () => {
    const server = await startFixture(example('echo_server.mjs'));
    const script = fileURLToPath(new URL('../examples/watch_stdin_and_socket.mjs', import.meta.url));
    const child = spawn(process.execPath, [script, server.firstLine], { stdio: ['pipe', 'pipe', 'inherit'] });
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.stdin.end(MORE_THAN_FITS);
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    expect(await ended).toBe(0);
    expect(Buffer.concat(chunks).equals(MORE_THAN_FITS)).toBe(true);
  });
});

describe('examples/dbus_descriptor.mjs', () => {
  checkDescriptorsAfterEachTest();
  const lines = (names: string): string => `the bus calls us ${names}\na pipe went over the bus and came back\n`;

  it('gets its descriptor back from a bus that knows its lines', async () => {
    const bus = scriptBus(temporaryFolder());
    const { code, stdout, stderr } = await runFixture(example('dbus_descriptor.mjs'), [bus.path]);
    expect({ code, stderr, stdout }).toEqual({ code: 0, stderr: '', stdout: lines(':1.0 and :1.1') });
    const uid = Buffer.from(String(process.getuid?.())).toString('hex');
    const handshake = [`\0AUTH EXTERNAL ${uid}`, 'NEGOTIATE_UNIX_FD', 'BEGIN'];
    expect(bus.lines).toEqual([...handshake, ...handshake]);
    expect(bus.errors).toEqual([]);
  });

  it('gets its descriptor back from dbus-daemon, or says that there is no bus', async () => {
    const folder = temporaryFolder();
    // CI has to have it. Elsewhere what can be told without it is what the program says when nobody is there.
    if (daemon === undefined && process.env.CI)
      expect.fail('install dbus-daemon (Debian: apt-get install dbus-daemon)');
    const path = daemon === undefined ? join(folder, 'bus') : await startDaemon(daemon, folder);
    const { code, stdout, stderr } = await runFixture(example('dbus_descriptor.mjs'), [path]);
    expect({ code, stderr, stdout }).toEqual(
      daemon === undefined
        ? { code: 1, stderr: `connect ENOENT: no such file or directory unix:${path}\n`, stdout: '' }
        : { code: 0, stderr: '', stdout: lines(':1.0 and :1.1') },
    );
  });

  it('says so when the bus hangs up', async () => {
    const path = join(temporaryFolder(), 'bus');
    serve(listen(`unix:${path}`), {}, (stream) => stream.destroy());
    const { code, stdout, stderr } = await runFixture(example('dbus_descriptor.mjs'), [path]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^(the bus has hung up|send EPIPE.*|recv.* ECONNRESET.*)\n$/);
  });
});

describe('the examples', () => {
  it('are all in the table of their README, and all tested', () => {
    const scripts = readdirSync(new URL('../examples', import.meta.url)).filter((name) => name.endsWith('.mjs'));
    const readme = readFileSync(new URL('../examples/README.md', import.meta.url), 'utf8');
    const tests = readdirSync(new URL('.', import.meta.url))
      .filter((name) => /^examples.*\.test\.ts$/.test(name))
      .map((name) => readFileSync(new URL(name, import.meta.url), 'utf8'))
      .join('');
    for (const script of scripts) {
      expect(readme, script).toContain(`(${script})`);
      expect(tests, script).toContain(`describe('examples/${script}'`);
    }
  });

  it('in the README of the project says what it prints', async () => {
    const readme = readFileSync(new URL('README.md', `file://${root}`), 'utf8');
    const [, program = ''] = /^```js\n(.*?)^```$/ms.exec(readme) ?? [];
    const [, output = ''] = /^```text\n(.*?)^```$/ms.exec(readme) ?? [];
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], { cwd: root });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += chunk));
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(0);
    expect(text).toBe(output);
  });
});
