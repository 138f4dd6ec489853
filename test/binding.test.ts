import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { oldNode } from '../lib/old_node.ts';
import packageJson from '../package.json' with { type: 'json' };
import { runtime, runtimeCommand } from './support/runtimes.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const built = {
  library: join(root, 'dist/index.js'),
  loader: join(root, 'dist/addon.cjs'),
  addon: join(root, 'build/Release/fdpoll.node'),
};

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
  const copies: [string, string][] = [
    [built.library, 'dist/index.js'],
    [built.loader, 'dist/addon.cjs'],
    ...addons.map((path): [string, string] => [built.addon, path]),
  ];
  for (const [from, to] of copies) {
    expect(existsSync(from), `${from} is missing: npm run compile`).toBe(true);
    mkdirSync(dirname(join(folder, to)), { recursive: true });
    copyFileSync(from, join(folder, to));
  }
  return folder;
};

/** What a program writes that has `fdpoll`, the library of the folder, and `attempt`, which gives code and message. */
const run = (folder: string, program: string, before = '', environment: Record<string, string> = {}): unknown => {
  const script = `${before};
    const fdpoll = await import('./dist/index.js');
    const attempt = (call) => {
      try { return [undefined, String(call())]; } catch (error) { return [error.code, error.message]; }
    };
    console.log(JSON.stringify(await (async () => { ${program} })()));`;
  writeFileSync(join(folder, 'program.mjs'), script);
  const [command = '', ...args] = runtimeCommand();
  const { status, stdout, stderr } = spawnSync(command, [...args, 'program.mjs'], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '', ...environment },
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

  it('is the one that FDPOLL_ADDON names, before any other', () => {
    const folder = installed('elsewhere/any.name', 'build/Release/fdpoll.node');
    truncateSync(join(folder, 'build/Release/fdpoll.node'), 100);
    expect(run(folder, POLL, '', { FDPOLL_ADDON: 'elsewhere/any.name' })).toBe(0);
  });

  it('is no other than the one that FDPOLL_ADDON names', () => {
    const [code, message] = run(installed('build/Release/fdpoll.node'), WHY, '', {
      FDPOLL_ADDON: 'gone.node',
    }) as string[];
    expect(code).toBe('ERR_FDPOLL_UNSUPPORTED_PLATFORM');
    expect(message).toMatch(/^FDPOLL_ADDON names gone\.node \([^)]*gone\.node[^)]*\)\. .*unset it\.$/);
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
    expect(message).toMatch(/npm ci.*npx cmake-js/);
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
        () => fdpoll.version.napi, () => fdpoll.version.backends, () => fdpoll.version.build,
        () => fdpoll.formatAddress(fdpoll.parseAddress('[::1]:80')), () => fdpoll.version.fdpoll,
      ].map((call) => attempt(call)[0] ?? attempt(call)[1]);`;
    const answers = run(installed(), program) as string[];
    expect(answers.pop()).toBe(packageJson.version);
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
    expect(message).toMatch(new RegExp(`${path} \\(it is cut short: 100 bytes of \\d+ or more\\)`));
  });
});

describe('in a bundle', () => {
  /** What the bundler has made of addon.cjs. */
  const bundled = (loader: string, ...addons: string[]): string => {
    const folder = installed(...addons);
    writeFileSync(join(folder, 'dist/addon.cjs'), `module.exports = (name) => { ${loader} };`);
    return folder;
  };

  it.each([
    ['the path of a copy', "return './fdpoll-1.node';"],
    ['its URL', "return require('node:url').pathToFileURL(__dirname + '/fdpoll-1.node').href;"],
    ['a module that has it as its default', "return { __proto__: null, default: './fdpoll-1.node' };"],
    ['the addon', "process.dlopen(module, __dirname + '/fdpoll-1.node'); return module.exports;"],
  ])('it is %s that the bundler gives', (_, loader) => {
    expect(run(bundled(loader, 'dist/fdpoll-1.node'), POLL)).toBe(0);
  });

  it.each([
    ['required', "return require('./fdpoll-1.node');"],
    ['opened', "return './fdpoll-1.node';"],
    [
      'opened by node-loader',
      "try { process.dlopen(module, __dirname + '/fdpoll-1.node'); } catch (error) { throw new Error('node-loader:\\n' + error); }",
    ],
  ])('without the copy, which is %s, the message names it and says what to do', (_, loader) => {
    const [code, message] = run(bundled(loader), WHY) as [string, string];
    expect(code).toBe('ERR_FDPOLL_UNSUPPORTED_PLATFORM');
    expect(message).toMatch(/fdpoll-1\.node.*The prebuilt addons are not here.*FDPOLL_ADDON/);
    expect(message).not.toContain('\n');
  });

  it('that has no require the message says how to do without', () => {
    const loader = 'throw new Error(\'Dynamic require of "./fdpoll-1.node" is not supported\');';
    const [code, message] = run(bundled(loader, 'dist/fdpoll-1.node'), WHY) as [string, string];
    expect(code).toBe('ERR_FDPOLL_UNSUPPORTED_PLATFORM');
    expect(message).toMatch(/has no require.*--loader:\.node=file/);
  });
});

describe('in a Node that is too old', () => {
  it('importing works, and using says so', () => {
    if (runtime !== 'node') {
      expect(oldNode(process.versions)).toBeUndefined(); // whatever Node it says it is
      return;
    }
    const old = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.20.8' } })`;
    const [code, message] = run(installed('build/Release/fdpoll.node'), WHY, old) as [string, string];
    expect(code).toBe('ERR_FDPOLL_UNSUPPORTED_PLATFORM');
    expect(message).toBe('fdpoll needs Node.js 20.19 or later, and this is 18.20.8: install a newer one');
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
