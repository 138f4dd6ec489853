import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const built = { library: join(root, 'dist/index.js'), addon: join(root, 'build/Release/fdpoll.node') };

interface Report {
  readonly header: { readonly glibcVersionRuntime?: string };
}
const report = process.report?.getReport() as unknown as Report;
const musl = process.platform === 'linux' && report.header.glibcVersionRuntime === undefined ? '-musl' : '';
const here = `${process.platform}-${process.arch}${musl}`;
const prebuilt = `prebuilds/${here}/fdpoll.node`;

/** A package in a folder of its own: the library, and these files, each a copy of the addon. */
const installed = (...addons: string[]): string => {
  const folder = mkdtempSync(join(tmpdir(), 'fdpoll-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  for (const [from, to] of [[built.library, 'dist/index.js'], ...addons.map((path) => [built.addon, path])] as [
    string,
    string,
  ][]) {
    expect(existsSync(from), `${from} is missing: npm run build`).toBe(true);
    mkdirSync(dirname(join(folder, to)), { recursive: true });
    copyFileSync(from, join(folder, to));
  }
  return folder;
};

/** What a program writes that has `fdpoll`, the library of the folder, and `attempt`, which gives code and message. */
const run = (folder: string, program: string, before = ''): unknown => {
  const script = `${before};
    const fdpoll = await import('./dist/index.js');
    const attempt = (call) => {
      try { return [undefined, String(call())]; } catch (error) { return [error.code, error.message]; }
    };
    console.log(JSON.stringify(await (async () => { ${program} })()));`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '' },
    timeout: 10_000,
  });
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout);
};

const POLL = 'const poller = new fdpoll.Poller(); return poller.wait(0).length;';
const WHY = 'return attempt(() => new fdpoll.Poller());';

describe('the addon', () => {
  it('is that of build/Release', () => {
    expect(run(installed('build/Release/fdpoll.node'), POLL)).toBe(0);
  });

  it('is the prebuilt one of the system when nothing was built', () => {
    expect(run(installed(prebuilt), POLL)).toBe(0);
  });

  it('is the prebuilt one when what was built cannot be loaded', () => {
    const folder = installed(prebuilt, 'build/Release/fdpoll.node');
    truncateSync(join(folder, 'build/Release/fdpoll.node'), 100);
    expect(run(folder, POLL)).toBe(0);
  });

  it('is the one that was built when both are there', () => {
    const folder = installed(prebuilt, 'build/Release/fdpoll.node');
    truncateSync(join(folder, prebuilt), 100);
    expect(run(folder, POLL)).toBe(0);
  });

  it('comes with require() too, as the same library', () => {
    const program = `
      const { createRequire } = await import('node:module');
      const required = createRequire(process.cwd() + '/x.js')('./dist/index.js');
      return required.Poller === fdpoll.Poller;`;
    expect(run(installed('build/Release/fdpoll.node'), program)).toBe(true);
  });
});

describe('without an addon', () => {
  it('importing works, and using says what was looked for and what to do', () => {
    const [code, message] = run(installed(), WHY) as [string, string];
    expect(code).toBe('ERR_FDPOLL_UNSUPPORTED_PLATFORM');
    expect(message).toContain(`no addon for ${here}`);
    for (const path of ['build/Release/fdpoll.node', prebuilt]) expect(message).toContain(path);
    expect(message).toMatch(/npx cmake-js.*npm ci/);
    expect(message).not.toContain('\n');
  });

  it('everything that needs it says so, and what does not need it works', () => {
    const program = `
      const { READABLE } = fdpoll;
      return [
        () => fdpoll.backends(), () => new fdpoll.Poller({ backend: 'poll' }), () => fdpoll.Waker.from(1).wake(),
        () => new fdpoll.Socket('inet', 'stream'), () => fdpoll.Socket.fromFd(0), () => fdpoll.Socket.pair(),
        () => fdpoll.Socket.listen('127.0.0.1:0'), () => fdpoll.Socket.connect('unix:/run/x'),
        () => fdpoll.waitFor(0, READABLE, 0), () => fdpoll.close(99), () => fdpoll.dup(0), () => fdpoll.pipe(),
        () => fdpoll.waitForAll(new Int32Array(0), new Uint32Array(0), new Uint32Array(0), 0),
        () => fdpoll.encodeAddress('127.0.0.1:80'),
        () => fdpoll.formatAddress(fdpoll.parseAddress('[::1]:80')),
      ].map((call) => attempt(call)[0] ?? attempt(call)[1]);`;
    const answers = run(installed(), program) as string[];
    expect(answers.pop()).toBe('[::1]:80');
    expect(new Set(answers)).toEqual(new Set(['ERR_FDPOLL_UNSUPPORTED_PLATFORM']));
  });

  it('a wrong argument is still a wrong argument', () => {
    expect(run(installed(), 'return attempt(() => fdpoll.close(-1))[0];')).toBe('ERR_OUT_OF_RANGE');
  });
});

describe('an addon that cannot be loaded', () => {
  it.each(['build/Release/fdpoll.node', prebuilt])('is named, with the reason: %s', (path) => {
    const folder = installed(path);
    truncateSync(join(folder, path), 100);
    const [code, message] = run(folder, WHY) as [string, string];
    expect(code).toBe('ERR_FDPOLL_UNSUPPORTED_PLATFORM');
    // The loader of the system names the file and finds its own words; of the other one, Node says that it is missing.
    expect(message).toMatch(new RegExp(`${path} \\((?!Cannot find)[^)]*${path}[^)]+\\)`));
  });
});

describe('on a system without any backend', () => {
  const pretend = (platform: string): string => `Object.defineProperty(process, 'platform', { value: '${platform}' })`;

  it('importing works, and using says so', () => {
    const folder = installed('build/Release/fdpoll.node');
    const [code, message] = run(folder, WHY, pretend('win32')) as [string, string];
    expect(code).toBe('ERR_FDPOLL_UNSUPPORTED_PLATFORM');
    expect(message).toMatch(/Windows has none.*WSL/);
    expect(run(folder, 'return fdpoll.READABLE | fdpoll.WRITABLE;', pretend('win32'))).toBe(3);
  });

  it('that nobody has heard of, the message names the system', () => {
    const [code, message] = run(installed(), WHY, pretend('plan9')) as [string, string];
    expect(code).toBe('ERR_FDPOLL_UNSUPPORTED_PLATFORM');
    expect(message).toMatch(/no addon for plan9-.*no prebuilt addon for this system/);
  });
});
