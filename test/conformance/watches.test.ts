import { execFileSync } from 'node:child_process';
import {
  closeSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { type Change, constants, READABLE, type Watch, type WatchKind } from '../../lib/index.ts';
import { type Driven, describeEachDriver } from '../support/driven.ts';

/** An empty folder that is removed when the test ends. */
const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'fdpoll-watch-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
};

/** `kind name` of each. */
const words = (changes: readonly Change[]): string[] =>
  changes.map(({ kind, name }) => (name === undefined ? kind : `${kind} ${name}`));

/** The changes that a watch is told of, until there are so many. */
const changesOf = async ({ next }: Driven<unknown>, watch: Watch, count: number): Promise<Change[]> => {
  const got: Change[] = [];
  while (got.length < count) {
    await next();
    got.push(...watch.changes);
  }
  return got;
};

describeEachDriver('a watch', (driver) => {
  it('of a directory tells what happens to its entries, by name', async () => {
    const dir = folder();
    const driven = driver.driven<string>();
    const watch = driven.poller.addWatch(dir, { data: 'dir' });
    expect(watch).toMatchObject({ kind: 'watch', path: dir, closed: false, changes: [] });
    writeFileSync(join(dir, 'a'), 'text');
    renameSync(join(dir, 'a'), join(dir, 'b'));
    unlinkSync(join(dir, 'b'));
    const [event, ...more] = await driven.next();
    expect(more).toEqual([]);
    expect(event).toMatchObject({ fd: -1, flags: READABLE, data: 'dir' });
    expect(event?.source).toBe(watch);
    expect(words(watch.changes)).toEqual([
      'create a',
      'modify a',
      'close-write a',
      'move-from a',
      'move-to b',
      'delete b',
    ]);
    const [from, to] = watch.changes.filter(({ cookie }) => cookie !== undefined);
    expect(from?.cookie).toBeGreaterThan(0);
    expect(to?.cookie).toBe(from?.cookie);
    expect(watch.changes[0]?.mask).toBe(constants.IN_CREATE);
    await driven.expectNothing();
    driven.poller.addTimer(0);
    await driven.next();
    expect(watch.changes).toEqual([]);
  });

  it('of a file tells what happens to it, without a name', async () => {
    const path = join(folder(), 'file');
    writeFileSync(path, 'old');
    const driven = driver.driven();
    const watch = driven.poller.addWatch(path);
    writeFileSync(path, 'new');
    expect(words(await changesOf(driven, watch, 2))).toEqual(expect.arrayContaining(['modify', 'close-write']));
    expect(watch.closed).toBe(false);
  });

  it('tells only what was asked for', async () => {
    const dir = folder();
    writeFileSync(join(dir, 'a'), '');
    const driven = driver.driven();
    const asked: WatchKind[] = ['access', 'open', 'close-nowrite'];
    const reads = driven.poller.addWatch(dir, { events: asked });
    const deletes = driven.poller.addWatch(dir, { events: ['delete'] });
    writeFileSync(join(dir, 'a'), 'x');
    readFileSync(join(dir, 'a'));
    expect(words(await changesOf(driven, reads, 3))).toEqual(
      expect.arrayContaining(['open a', 'access a', 'close-nowrite a']),
    );
    expect(deletes.changes).toEqual([]);
    unlinkSync(join(dir, 'a'));
    expect(words(await changesOf(driven, deletes, 1))).toEqual(['delete a']);
    expect(reads.changes).toEqual([]);
  });

  it('takes the system’s own bits, and tells them', async () => {
    const dir = folder();
    writeFileSync(join(dir, 'file'), '');
    const driven = driver.driven();
    const watch = driven.poller.addWatch(dir, { events: [], mask: constants.IN_CREATE as number });
    mkdirSync(join(dir, 'sub'));
    const [change] = await changesOf(driven, watch, 1);
    expect(change).toEqual({
      kind: 'create',
      name: 'sub',
      mask: ((constants.IN_CREATE as number) | (constants.IN_ISDIR as number)) >>> 0,
    });
    const only = { mask: constants.IN_ONLYDIR as number };
    expect(() => driven.poller.addWatch(join(dir, 'file'), only)).toThrow(expect.objectContaining({ code: 'ENOTDIR' }));
    expect(() => driven.poller.addWatch(dir, { mask: 0x10000 })).toThrow(expect.objectContaining({ code: 'EINVAL' }));
  });

  it.each([
    ['is deleted', (path: string) => unlinkSync(path)],
    ['is renamed', (path: string) => renameSync(path, `${path}.old`)],
    [
      'is replaced',
      (path: string) => {
        writeFileSync(`${path}.new`, 'new');
        renameSync(`${path}.new`, path);
      },
    ],
  ])('ends with gone when its file %s, and the path can be watched again', async (_, end) => {
    const path = join(folder(), 'file');
    writeFileSync(path, 'old');
    const driven = driver.driven();
    const watch = driven.poller.addWatch(path);
    end(path);
    const changes = await changesOf(driven, watch, 1);
    expect(changes.at(-1)?.kind).toBe('gone');
    expect(watch.closed).toBe(true);
    await driven.expectNothing();
    writeFileSync(path, 'again');
    const again = driven.poller.addWatch(path);
    writeFileSync(path, 'more');
    expect(words(await changesOf(driven, again, 1))).toContain('modify');
    expect([again.closed, watch.changes]).toEqual([false, []]);
  });

  it('ends with gone also while somebody has the old file open', async () => {
    const path = join(folder(), 'file');
    writeFileSync(path, 'old');
    const fd = openSync(path, 'r');
    onTestFinished(() => closeSync(fd));
    const driven = driver.driven();
    const watch = driven.poller.addWatch(path, { events: ['modify'] });
    unlinkSync(path);
    expect(words(await changesOf(driven, watch, 1))).toEqual(['gone']);
    expect(watch.closed).toBe(true);
  });

  it('tells names that are no UTF-8 as they are', async () => {
    const dir = folder();
    const driven = driver.driven();
    const watch = driven.poller.addWatch(dir, { events: ['create'] });
    // Not every runtime lets bytes be a path.
    const name = Buffer.from([0x61, 0xff, 0x62]);
    execFileSync('sh', ['-c', `: > "$(printf 'a\\377b')"`], { cwd: dir });
    writeFileSync(join(dir, 'größe\n'), '');
    const [odd, fine] = await changesOf(driven, watch, 2);
    expect(odd).toEqual({ kind: 'create', name: 'a\ufffdb', bytes: new Uint8Array(name), mask: constants.IN_CREATE });
    expect(fine).toEqual({ kind: 'create', name: 'größe\n', mask: constants.IN_CREATE });
  });

  it('tells an overflow of the kernel’s queue to all', async () => {
    const [one, two] = [folder(), folder()];
    const driven = driver.driven();
    const watches = [driven.poller.addWatch(one), driven.poller.addWatch(two, { events: ['create'] })] as const;
    const most = Number(readFileSync('/proc/sys/fs/inotify/max_queued_events', 'utf8'));
    const files = ['a', 'b'].map((name) => openSync(join(one, name), 'w'));
    // By turns, since the same twice would be one.
    for (let i = 0; i <= most; i++) writeSync(files[i % 2] as number, 'x');
    for (const fd of files) closeSync(fd);
    let overflows = 0;
    while (overflows < 2) {
      await driven.next();
      for (const watch of watches) overflows += watch.changes.filter(({ kind }) => kind === 'overflow').length;
    }
    expect(watches.map(({ closed }) => closed)).toEqual([false, false]);
  });

  it('of one file by several paths is told to each', async () => {
    const dir = folder();
    const path = join(dir, 'file');
    writeFileSync(path, '');
    symlinkSync(path, join(dir, 'symlink'));
    linkSync(path, join(dir, 'link'));
    const driven = driver.driven();
    const watches = [path, join(dir, 'symlink'), join(dir, 'link'), path].map((each) =>
      driven.poller.addWatch(each, { events: ['modify'] }),
    );
    writeFileSync(path, 'x');
    const told = new Set<unknown>();
    while (told.size < 4) for (const { source } of await driven.next()) told.add(source);
    for (const watch of watches.slice(1)) watch.close();
    writeFileSync(path, 'y');
    const [event, ...more] = await driven.next();
    expect(more).toEqual([]);
    expect(event?.source).toBe(watches[0]);
  });

  it('is one of hundreds', async () => {
    const dir = folder();
    const driven = driver.driven<number>(16);
    const paths = Array.from({ length: 300 }, (_, i) => join(dir, String(i)));
    for (const [i, path] of paths.entries()) {
      writeFileSync(path, '');
      driven.poller.addWatch(path, { events: ['modify'], data: i });
    }
    for (const path of paths) writeFileSync(path, 'x');
    const told = new Set<number>();
    while (told.size < paths.length)
      for (const { data, source } of await driven.next()) {
        expect(words((source as Watch).changes)).toContain('modify');
        told.add(data);
      }
  });

  it('that is closed is silent', async () => {
    const dir = folder();
    const driven = driver.driven();
    const watch = driven.poller.addWatch(dir);
    writeFileSync(join(dir, 'a'), '');
    watch.close();
    watch.close();
    expect([watch.closed, watch.changes]).toEqual([true, []]);
    await driven.expectNothing();
  });

  it('may be closed within the batch that has it, and what it told can still be read', async () => {
    const dir = folder();
    const driven = driver.driven();
    const watch = driven.poller.addWatch(dir, { events: ['create'] });
    writeFileSync(join(dir, 'a'), '');
    await driven.next();
    watch.close();
    expect(words(watch.changes)).toEqual(['create a']);
    await driven.expectNothing();
  });

  it.each([
    ['a path that is not there', '/nowhere/at/all', {}, { name: 'FdError', code: 'ENOENT', path: '/nowhere/at/all' }],
    ['no path', undefined, {}, { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' }],
    ['an empty path', '', {}, { name: 'TypeError', code: 'ERR_INVALID_ARG_VALUE' }],
    ['a path with NUL', '/tmp\0/x', {}, { name: 'TypeError', code: 'ERR_INVALID_ARG_VALUE' }],
    ['an unknown kind', '/tmp', { events: ['created'] }, { name: 'TypeError', code: 'ERR_INVALID_ARG_VALUE' }],
    ['kinds that are no array', '/tmp', { events: 'create' }, { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' }],
    ['nothing to tell', '/tmp', { events: [] }, { name: 'TypeError', code: 'ERR_INVALID_ARG_VALUE' }],
    ['a mask that is no number', '/tmp', { mask: '1' }, { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' }],
    ['a negative mask', '/tmp', { mask: -1 }, { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' }],
  ])('of %s is refused', (_, path, options, error) => {
    const { poller } = driver.driven();
    expect(() => poller.addWatch(path as string, options as object)).toThrow(expect.objectContaining(error));
  });

  it('ends with its poller', () => {
    const { poller } = driver.driven();
    const watch = poller.addWatch(tmpdir());
    poller.close();
    expect([watch.closed, watch.changes]).toEqual([true, []]);
  });
});
