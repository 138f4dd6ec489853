import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import * as lib from '../lib/index.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const declarations = readFileSync(join(root, 'dist/types/index.d.ts'), 'utf8');
const compiler = join(root, 'node_modules/typescript/bin/tsc');

/** What tsc says about a program of somebody who has installed the package. */
const compile = (file: string, program: string, ...options: string[]): string => {
  const folder = mkdtempSync(join(tmpdir(), 'fdpoll-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, target] of [
    ['fdpoll', root],
    ['@types', join(root, 'node_modules/@types')],
  ] as const) {
    const link = join(folder, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(target, link);
  }
  writeFileSync(join(folder, file), program);
  const { stdout } = spawnSync('node', [compiler, '--noEmit', '--strict', '--target', 'es2023', ...options, file], {
    cwd: folder,
    encoding: 'utf8',
  });
  return stdout;
};

const PROGRAM = `
import { type Event, type Events, Poller, READABLE, Socket, type SocketDuplex, type Timer, toDuplex, version } from 'fdpoll';
const poller = new Poller<Socket>({ backend: 'poll' });
const [ours, theirs]: [Socket, Socket] = Socket.pair();
poller.add(ours, READABLE, { data: ours });
const timer: Timer<Socket> = poller.addTimer(5, { every: 5 });
const events: Events<Socket> = poller.wait(0);
for (const event of events) {
  const one: Event<Socket> = event;
  one.data.recv(Buffer.alloc(1));
}
const stream: SocketDuplex = toDuplex(theirs);
stream.on('fds', () => {}).setTimeout(1).end();
export const text: string = \`\${version.fdpoll} \${version.build.libc} \${timer.count}\`;
`;

describe('the declarations', () => {
  it('are one file, and the same one for CommonJS', () => {
    expect(readFileSync(join(root, 'dist/types/index.d.cts'), 'utf8')).toBe(declarations);
    expect(declarations).not.toMatch(/ from '(?!node:)/);
  });

  it('declare the values that the library exports, and no other', () => {
    const values = [...declarations.matchAll(/^export declare (?:abstract )?(?:const|class|function) (\w+)/gm)];
    expect([...new Set(values.map(([, name]) => name))].sort()).toEqual(Object.keys(lib).sort());
  });

  it('have nothing that is not exported, and nothing of what is inside', () => {
    expect(declarations.match(/^(declare|class|interface|type|abstract) .*/gm)).toBeNull();
    expect(declarations).not.toMatch(/@internal|\bNative\b/);
    // Those of node:net and node:dgram.
    expect(new Set(declarations.match(/\b[A-Z]\w*_\d\b/g))).toEqual(new Set(['Socket_2', 'Socket_3']));
  });

  it('have a docstring for everything', () => {
    expect(declarations).toContain('/** `new Poller()` takes this one. */');
    const report = readFileSync(join(root, 'etc/fdpoll.api.md'), 'utf8');
    expect(report.match(/\(undocumented\)|Warning:.*/g)).toBeNull();
  });

  it.each([
    ['esm.mts', 'node16'],
    ['esm.mts', 'nodenext'],
    ['esm.mts', 'bundler'],
    ['commonjs.cts', 'node16'],
    ['commonjs.cts', 'nodenext'],
    ['commonjs.cts', 'bundler'],
  ])('serve a program %s under moduleResolution %s', (file, resolution) => {
    const module = resolution === 'bundler' ? 'preserve' : resolution;
    expect(compile(file, PROGRAM, '--module', module, '--moduleResolution', resolution)).toBe('');
  });

  it('serve import = require', () => {
    const program = "import fdpoll = require('fdpoll');\nexport const poller: fdpoll.Poller = new fdpoll.Poller();\n";
    expect(compile('commonjs.cts', program, '--module', 'node16')).toBe('');
  });

  it('know which names are types alone: what compiles also runs', () => {
    const program = `
import { Events, Timer } from 'fdpoll';
export const is = (value: unknown) => value instanceof Events;
export const make = () => new Timer();
`;
    const complaints = compile('esm.mts', program, '--module', 'nodenext');
    expect(complaints).toMatch(/'Events' only refers to a type[\s\S]*'Timer' only refers to a type/);
  });
});

describe('flatDeclarations', async () => {
  const script = new URL('../scripts/flat_declarations.mjs', import.meta.url).href;
  const { flatDeclarations, typeOnlyExports } = (await import(script)) as {
    flatDeclarations: (text: string, types: ReadonlySet<string>) => string;
    typeOnlyExports: (index: string) => Set<string>;
  };
  const flat = (text: string, ...types: string[]): string => flatDeclarations(text, new Set(types));

  it('puts the layers of a class into it', () => {
    const layers = `
declare class Lowest extends Duplex implements Disposable {
  constructor(inner: number);
  /** Low. */
  low(): void;
  same(): 1;
}
declare class Middle<T> extends Lowest { get size(): T; }
/** Top. */
export declare class Top<T> extends Middle<T> { #private; constructor(); same(): 2; }`;
    expect(flat(layers).replace(/\s+/g, ' ')).toBe(
      '/** Top. */ export declare class Top<T> extends Duplex implements Disposable { #private; constructor(); ' +
        'same(): 2; get size(): T; /** Low. */ low(): void; } ',
    );
  });

  it('makes an interface of a class that is a type alone', () => {
    const text = `export declare class Thing implements Disposable {
      #private; constructor(); static make(): Thing; protected inner: 1; readonly kind = "thing"; name?: string;
      /** How many. */ get count(): number; get wait(): number; set wait(ms: number); close(): void;
    }`;
    expect(flat(text, 'Thing').replace(/\s+/g, ' ')).toBe(
      'export declare interface Thing extends Disposable { readonly kind: "thing"; name?: string; ' +
        '/** How many. */ readonly count: number; wait: number; close(): void; } ',
    );
  });

  it('gives a name back that was numbered, unless the global of that name is meant somewhere', () => {
    const numbered = 'declare class Event_2 { self(): Event_2; }\nexport { Event_2 as Event }\n';
    expect(flat(numbered)).toMatch(/^export declare class Event {\s+self\(\): Event;\s+}\n$/);
    expect(() => flat(`${numbered}export declare const last: Event;`)).toThrow(/the global Event/);
  });

  it('refuses a layer whose parameters have other names', () => {
    const text = 'declare class Low<S> { s: S; }\nexport declare class Top<T> extends Low<T> {}';
    expect(() => flat(text)).toThrow('Top extends Low<T>: call its parameters <S> there too');
  });

  it('knows the types of an index', () => {
    const index =
      "export { type A, b, type C as D } from './a';\nexport type { E } from './e';\nexport { f } from './f';";
    expect([...typeOnlyExports(index)]).toEqual(['A', 'D', 'E']);
  });
});
