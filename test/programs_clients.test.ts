import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { close, READABLE, Socket, waitFor } from '../lib/index.ts';
import { runFixture } from './support/children.ts';
import { checkDescriptorsAfterEachTest } from './support/descriptors.ts';
import { type Bundle, bundleProgram, freePort, missing } from './support/programs.ts';
import { closing } from './support/sockets.ts';

/** What a call of something that the program exports prints. */
const calling = async (program: Bundle, call: string, ...args: string[]): Promise<string[]> => {
  const { code, stdout, stderr } = await runFixture('program_calls.mjs', [program.path, call, ...args]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout.trimEnd().split('\n');
};

describe.skipIf(missing !== '')(`the program gpio.ts, as it stands${missing}`, () => {
  checkDescriptorsAfterEachTest();
  let program: Bundle;
  beforeAll(async () => {
    program = await bundleProgram('gpio.ts');
  });
  afterAll(() => program.remove());

  it('rejects with the error of ioctl for a file that is no chip, and closes it', async () => {
    expect(await calling(program, 'lineEvents', '/dev/null')).toEqual([
      'FdError ioctl ENOTTY: inappropriate ioctl for the device',
      '0 descriptors are left',
    ]);
  });

  it('rejects with the error of open for a chip that is not there', async () => {
    const [outcome, left] = await calling(program, 'lineEvents', '/dev/gpiochip-that-is-not-there');
    expect(outcome).toMatch(/^Error ENOENT: no such file or directory, open/);
    expect(left).toBe('0 descriptors are left');
  });
});

describe.skipIf(missing !== '')(`the program sync.ts, as it stands${missing}`, () => {
  checkDescriptorsAfterEachTest();
  let program: Bundle;
  beforeAll(async () => {
    program = await bundleProgram('sync.ts');
  });
  afterAll(() => program.remove());

  const portOf = async (server: net.Server): Promise<string> => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => new Promise<void>((resolve) => void server.close(() => resolve())));
    return String((server.address() as net.AddressInfo).port);
  };

  it('gets a page of node:http in another process, waiting for each of its parts', async () => {
    const body = 'a line of the page\n'.repeat(20_000);
    const server = http.createServer((request, response) => {
      response.write(`${request.url}\n`);
      setTimeout(() => response.end(body), 50);
    });
    const [answer = ''] = await calling(program, 'getSync', await portOf(server), '/page?x=1', '10000');
    const text = JSON.parse(answer) as string;
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(text.slice(text.indexOf('\r\n\r\n') + 4)).toBe(`/page?x=1\n${body}`);
  });

  it('gives up after its time, whether nothing comes or too little', async () => {
    const silent = net.createServer((socket) => socket.on('error', () => {}).resume());
    const slow = net.createServer((socket) => {
      socket.on('error', () => {}).resume();
      const timer = setInterval(() => socket.write('x'), 20);
      socket.on('close', () => clearInterval(timer));
    });
    for (const server of [silent, slow])
      expect(await calling(program, 'getSync', await portOf(server), '/', '300')).toEqual(['Error timed out']);
  });

  it('tells what connect says', async () => {
    const [outcome] = await calling(program, 'getSync', String(await freePort()), '/', '5000');
    expect(outcome).toMatch(/^FdError connect ECONNREFUSED: connection refused/);
  });
});

describe.skipIf(missing !== '')(`the program dbus.ts, as it stands${missing}`, () => {
  checkDescriptorsAfterEachTest();
  let [program, folder]: [Bundle | undefined, string] = [undefined, ''];
  beforeAll(async () => {
    program = await bundleProgram('dbus.ts');
    folder = mkdtempSync(join(tmpdir(), 'fdpoll-'));
  });
  afterAll(() => {
    program?.remove();
    rmSync(folder, { recursive: true });
  });

  it('takes a descriptor to a peer, and brings another one back before the bytes that it came with', async () => {
    const [mine, yours, path] = ['mine', 'yours', 'bus'].map((name) => join(folder, name)) as [string, string, string];
    writeFileSync(mine, 'what the client sends ');
    writeFileSync(yours, 'what the peer sends ');
    const listener = closing(Socket.listen(`unix:${path}`));
    const printed = calling(program ?? expect.fail(), 'transport', path, mine);
    listener.timeout = 10_000;
    const peer = closing(listener.accept() ?? expect.fail('nobody connects'));
    expect(waitFor(peer, READABLE, 10_000)).toBe(READABLE);
    const buffer = Buffer.alloc(100);
    const message = peer.recvMessage(buffer) ?? expect.fail('a readable socket has a message');
    expect(buffer.toString('utf8', 0, message.bytes)).toBe('take this');
    expect(message.fds.map((fd) => readFileSync(fd, 'utf8'))).toEqual(['what the client sends ']);
    for (const fd of message.fds) close(fd);
    const fd = openSync(yours, 'r');
    peer.sendMessage(Buffer.from('and that'), { fds: [fd] });
    close(fd);
    peer.shutdown('write');
    expect(await printed).toEqual(['fds: what the peer sends true', 'data: and that', 'closed']);
  });
});
