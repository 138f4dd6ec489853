import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, it, onTestFinished } from 'vitest';
import { close, type Process, pipe, READABLE } from '../../lib/index.ts';
import { describeEachDriver } from '../support/driven.ts';

/** A child whose standard input ends when it is told so, or when the test ends. */
const child = (script: string): ChildProcess & { pid: number; end(): void } => {
  const [read, write] = pipe();
  const process = spawn('sh', ['-c', script], { stdio: [read, 'pipe', 'ignore'] });
  close(read);
  const gone = once(process, 'exit');
  let open = true;
  // Without the event loop, which may be blocked.
  const end = (): void => {
    if (open) close(write);
    open = false;
  };
  onTestFinished(async () => {
    end();
    process.kill('SIGKILL');
    await gone;
    process.stdout?.destroy();
  });
  return Object.assign(process as ChildProcess & { pid: number }, { end });
};

const line = async (process: ChildProcess): Promise<string> => {
  const [chunk] = (await once(process.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
  return chunk.toString().trim();
};

/** The state letter of a process, or undefined when there is none. */
const stateOf = (pid: number): string | undefined => {
  try {
    return /\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, 'latin1'))?.[1];
  } catch {
    return undefined;
  }
};

const nameOf = (pid: number): string => readFileSync(`/proc/${pid}/comm`, 'latin1').trim();

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describeEachDriver('a process', (driver) => {
  it.each([0, 1, 7, 255])('that exits with %d says so once, and the source closes itself', async (code) => {
    const { poller, next, expectNothing } = driver.driven<string>();
    const sh = child(`read x; exit ${code}`);
    const source = poller.addProcess(sh.pid, { data: 'gone' });
    expect(source).toMatchObject({
      kind: 'process',
      pid: sh.pid,
      closed: false,
      exitCode: undefined,
      signalCode: undefined,
    });
    await expectNothing();
    sh.end();
    const [event, ...more] = await next();
    expect(more).toEqual([]);
    expect(event).toMatchObject({ fd: -1, flags: READABLE, data: 'gone' });
    expect(event?.source).toBe(source);
    expect(source).toMatchObject({ closed: true, exitCode: code, signalCode: undefined });
    await expectNothing();
    expect(source.exitCode).toBe(code);
  });

  it.each(['SIGKILL', 'SIGTERM', 'SIGUSR1'] as const)('that %s ends says so', async (signal) => {
    const { poller, next } = driver.driven();
    const sh = child('exec sleep 60');
    const source = poller.addProcess(sh.pid);
    sh.kill(signal);
    await next();
    expect(source).toMatchObject({ closed: true, exitCode: undefined, signalCode: signal });
  });

  it('that has ended and was not waited for is told at once', async () => {
    const { poller, next } = driver.driven();
    // By then nobody is left who would wait for the inner shell.
    const sh = child('exec 3<&0; sh -c "read x; exit 3" <&3 & echo $!; exec 3<&-; exec sleep 60 <&-');
    const pid = Number(await line(sh));
    while (nameOf(sh.pid) !== 'sleep') await turn();
    sh.end();
    while (stateOf(pid) !== 'Z') await turn();
    const source = poller.addProcess(pid);
    await next();
    // It is nobody's child of ours, and nobody has waited for it: nobody is told how it ended.
    expect(source).toMatchObject({ closed: true, exitCode: undefined, signalCode: undefined });
  });

  it('needs to be no child', async () => {
    const { poller, next } = driver.driven();
    // In the background the shell's own input is /dev/null.
    const sh = child('exec 3<&0; sh -c "read y; exit 9" <&3 & echo $!; wait $!; exec sleep 60');
    const pid = Number(await line(sh));
    const source = poller.addProcess(pid);
    sh.end();
    await next();
    expect(source.closed).toBe(true);
    // Its parent may have waited for it by then: so new a kernel tells how it ended.
    expect([9, undefined]).toContain(source.exitCode);
  });

  it('leaves what Node is told of its children as it is', async () => {
    const { poller, next } = driver.driven();
    const sh = child('read x; exit 5');
    const exit = once(sh, 'exit');
    const source = poller.addProcess(sh.pid);
    sh.end();
    await next();
    expect(await exit).toEqual([5, null]);
    expect(source.exitCode).toBe(5);
  });

  it('may be told to several, and several at once', async () => {
    const { poller, next } = driver.driven<string>();
    const children = [child('read x; exit 1'), child('read x; exit 2')] as const;
    const sources = [
      poller.addProcess(children[0].pid, { data: 'a' }),
      poller.addProcess(children[0].pid, { data: 'b' }),
      poller.addProcess(children[1].pid, { data: 'c' }),
    ];
    for (const each of children) each.end();
    const got: string[] = [];
    while (got.length < 3) got.push(...(await next()).map(({ data }) => data));
    expect(got.sort()).toEqual(['a', 'b', 'c']);
    expect(sources.map(({ exitCode }) => exitCode)).toEqual([1, 1, 2]);
  });

  it('that is closed is silent', async () => {
    const { poller, expectNothing } = driver.driven();
    const sh = child('read x');
    const source: Process = poller.addProcess(sh.pid);
    source.close();
    source.close();
    expect(source.closed).toBe(true);
    sh.end();
    await once(sh, 'exit');
    await expectNothing();
  });

  it('is told with what happened before, when it has ended and was waited for', async () => {
    const { poller } = driver.driven();
    const sh = child('exit 0');
    await once(sh, 'exit');
    const add = () => poller.addProcess(sh.pid);
    expect(add).toThrow(expect.objectContaining({ name: 'FdError', code: 'ESRCH' }));
    expect(add).toThrow(/was waited for/);
  });

  it('may be this one itself', () => {
    const { poller } = driver.driven();
    const source = poller.addProcess(process.pid);
    expect(source.closed).toBe(false);
    poller.close();
    expect(source.closed).toBe(true);
  });

  it.each([
    [0, 'ERR_OUT_OF_RANGE'],
    [-1, 'ERR_OUT_OF_RANGE'],
    [1.5, 'ERR_OUT_OF_RANGE'],
    [Number.NaN, 'ERR_OUT_OF_RANGE'],
    [2 ** 31, 'ERR_OUT_OF_RANGE'],
    ['1', 'ERR_INVALID_ARG_TYPE'],
    [undefined, 'ERR_INVALID_ARG_TYPE'],
  ])('%s is refused', (pid, code) => {
    const { poller } = driver.driven();
    expect(() => poller.addProcess(pid as number)).toThrow(expect.objectContaining({ code }));
  });

  it('2147483647 is none', () => {
    const { poller } = driver.driven();
    expect(() => poller.addProcess(2 ** 31 - 1)).toThrow(expect.objectContaining({ code: 'ESRCH' }));
  });
});
