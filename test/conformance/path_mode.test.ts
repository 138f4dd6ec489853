import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { encodeAddress, type ListenOptions, Poller, Socket, type SocketType } from '../../lib/index.ts';
import { checkDescriptorsAfterEachTest } from '../support/descriptors.ts';
import { expectFdError, expectOutOfRange, expectUnknownValue } from '../support/expect.ts';
import { acceptOne, closing } from '../support/sockets.ts';

const linux = process.platform === 'linux';
const types: SocketType[] = process.platform === 'darwin' ? ['stream', 'dgram'] : ['stream', 'dgram', 'seqpacket'];

const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'fdp-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
};

const modeOf = (path: string): number => lstatSync(path).mode & 0o7777;

/** What this does with a umask of the process. */
const withUmask = <T>(mask: number, act: () => T): T => {
  const before = process.umask(mask);
  try {
    return act();
  } finally {
    process.umask(before);
  }
};

const listen = (path: string, options?: ListenOptions): Socket => closing(Socket.listen(`unix:${path}`, options));

describe.each(types)('the permissions of the path of a %s socket', (type) => {
  checkDescriptorsAfterEachTest();

  it('are exactly those that it is given, whatever the umask is', () => {
    const place = folder();
    for (const mask of [0, 0o022, 0o077, 0o777])
      for (const mode of [0, 0o600, 0o660, 0o666, 0o777]) {
        const path = join(place, `${mask}-${mode}`);
        withUmask(mask, () => listen(path, { type, mode }));
        expect([mask, mode, modeOf(path)]).toEqual([mask, mode, mode]);
      }
  });

  it('are what the umask leaves when nothing is said', () => {
    const place = folder();
    for (const mask of [0o022, 0o077]) {
      const path = join(place, String(mask));
      withUmask(mask, () => listen(path, { type }));
      expect(modeOf(path)).toBe(0o777 & ~mask);
    }
  });

  it('are those also of an address in bytes and as an object', () => {
    const place = folder();
    const [raw, object] = [join(place, 'raw'), join(place, 'object')];
    closing(Socket.listen(encodeAddress(`unix:${raw}`), { type, mode: 0o640 }));
    closing(Socket.listen({ family: 'unix', path: object }, { type, mode: 0o640 }));
    expect([modeOf(raw), modeOf(object)]).toEqual([0o640, 0o640]);
  });

  // What the kernel tells of a folder is a record of every moment, so nothing has to be raced for.
  it.runIf(linux)('are never more than was asked for, not for a moment: the path is made with them (Linux)', () => {
    const place = folder();
    const poller = closing(new Poller());
    const watch = poller.addWatch(place, { events: ['create', 'attributes'] });
    const told = (): string[] => {
      poller.wait(1000);
      return watch.changes.map(({ kind, name }) => `${kind} ${name}`);
    };
    withUmask(0, () => listen(join(place, 'at-once'), { type, mode: 0o600 }));
    expect(told()).toEqual(['create at-once']);
    // Only what the umask took has to be added.
    withUmask(0o077, () => listen(join(place, 'added'), { type, mode: 0o660 }));
    expect(told()).toEqual(['create added', 'attributes added']);
  });
});

describe('a mode', () => {
  checkDescriptorsAfterEachTest();

  it('is refused with a unix address that is no path: nothing would keep anybody out', () => {
    for (const address of ['unix:@fdpoll-mode', 'unix:', { family: 'unix', path: '' } as const]) {
      const error = expectUnknownValue(() => Socket.listen(address, { mode: 0o600 }));
      expect(error.message).toMatch(/"options\.mode" must be left out for an address without a path/);
    }
    if (linux) expectUnknownValue(() => Socket.listen(encodeAddress('unix:@fdpoll-mode'), { mode: 0o600 }));
  });

  it('is for the paths among the addresses of a server, and nothing to the others', () => {
    const path = join(folder(), 's');
    const [inet] = Socket.listenAll(['127.0.0.1:0', `unix:${path}`], { mode: 0o600 }).map(closing);
    expect(inet?.localAddress).toMatchObject({ family: 'inet' });
    expect(modeOf(path)).toBe(0o600);
  });

  it.each([-1, 0o1000, 0o4600, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('of %d is out of range', (mode) => {
    const place = folder();
    expectOutOfRange(() => Socket.listen(`unix:${join(place, 's')}`, { mode }));
    expect(readdirSync(place)).toEqual([]);
  });

  it('lets those in whom it names', () => {
    const path = join(folder(), 's');
    const listener = listen(path, { mode: 0o600 });
    closing(Socket.connect(`unix:${path}`));
    acceptOne(listener);
  });
});

describe('a path that is taken', () => {
  checkDescriptorsAfterEachTest();

  const options: ListenOptions[] = [{}, { mode: 0o777 }, { type: 'dgram', mode: 0o777 }, { reuseAddress: true }];

  it.each(options)('by a symbolic link is refused, and where it leads nothing is made or changed: %j', (option) => {
    const place = folder();
    const victim = join(place, 'victim');
    const server = join(place, 'server');
    writeFileSync(victim, 'kept', { mode: 0o600 });
    listen(server, { mode: 0o600 });
    const kept = [modeOf(victim), modeOf(server)];
    for (const target of [victim, server, join(place, 'nowhere'), place]) {
      const link = join(place, 'link');
      symlinkSync(target, link);
      expectFdError(() => Socket.listen(`unix:${link}`, option), 'EADDRINUSE', 'bind');
      expect(readlinkSync(link)).toBe(target);
      rmSync(link);
    }
    expect([modeOf(victim), modeOf(server)]).toEqual(kept);
    expect(readFileSync(victim, 'utf8')).toBe('kept');
    expect(existsSync(join(place, 'nowhere'))).toBe(false);
  });

  it.each(options)('by a file, a folder or a socket that nobody serves any more is left as it is: %j', (option) => {
    const place = folder();
    const [file, stale] = [join(place, 'file'), join(place, 'stale')];
    writeFileSync(file, 'kept');
    Socket.listen(`unix:${stale}`).close();
    const before = [file, stale, place].map((path) => [statSync(path).ino, statSync(path).mode]);
    for (const path of [file, stale, place])
      expectFdError(() => Socket.listen(`unix:${path}`, option), 'EADDRINUSE', 'bind');
    expect([file, stale, place].map((path) => [statSync(path).ino, statSync(path).mode])).toEqual(before);
    expect(readFileSync(file, 'utf8')).toBe('kept');
  });

  it.runIf(linux)('is served again by the recipe of docs/security.md, and by one at a time (Linux)', async () => {
    const place = folder();
    const text = readFileSync(new URL('../../docs/security.md', import.meta.url), 'utf8');
    const [, recipe = ''] = /```js\n([\s\S]*?)```/.exec(text) ?? [];
    const library = new URL('../../dist/index.js', import.meta.url).href;
    writeFileSync(join(place, 'recipe.mjs'), recipe.replace("'fdpoll'", JSON.stringify(library)));
    const { listenAgain } = (await import(/* @vite-ignore */ join(place, 'recipe.mjs'))) as {
      listenAgain: (path: string) => Socket;
    };
    const path = join(place, 's');
    listenAgain(path).close();
    const server = closing(listenAgain(path));
    expect(server.listening).toBe(true);
    expect(modeOf(path)).toBe(0o600);
    expect(() => listenAgain(path)).toThrow(/EADDRINUSE/);
    expect(lstatSync(path).isSocket()).toBe(true);
    const [file, link] = [join(place, 'file'), join(place, 'link')];
    writeFileSync(file, 'kept');
    symlinkSync(file, link);
    for (const taken of [file, link]) expect(() => listenAgain(taken)).toThrow();
    expect(readFileSync(file, 'utf8')).toBe('kept');
    expect(readlinkSync(link)).toBe(file);
  });

  it('stays when the socket is closed, reset or given away: the library removes none', () => {
    const place = folder();
    const ends: ((socket: Socket) => void)[] = [
      (socket) => socket.close(),
      (socket) => socket.reset(),
      (socket) => closing(Socket.fromFd(socket.detach())),
    ];
    ends.forEach((end, i) => {
      end(Socket.listen(`unix:${join(place, `s${i}`)}`));
    });
    expect(readdirSync(place).sort()).toEqual(['s0', 's1', 's2']);
  });
});
