import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, onTestFinished } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
// They come with the contract of the project and lie beside a checkout that has it.
const programs = join(root, '..', 'shared', 'programs');

/** Empty when the programs are there, else what the name of a skipped suite ends with. */
export const missing: string = existsSync(programs)
  ? ''
  : ' (skipped: the programs of the contract are not beside the repository)';

export interface Bundle {
  /** The program as JavaScript, in a folder of its own where `fdpoll` is this package. */
  readonly path: string;
  /** The same, seen from the fixtures, whose way of being started serves programs too. */
  readonly fixture: string;
  remove(): void;
}

/** Makes JavaScript of a program, as it stands. `after` defines what it only declares, `before` runs before it. */
export const bundleProgram = async (
  name: string,
  { before = '', after = '' }: { before?: string; after?: string } = {},
): Promise<Bundle> => {
  const folder = mkdtempSync(join(tmpdir(), 'fdpoll-programs-'));
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(root, join(folder, 'node_modules', 'fdpoll'));
  const path = join(folder, name.replace(/\.ts$/, '.mjs'));
  await build({
    entryPoints: [join(programs, name)],
    outfile: path,
    format: 'esm',
    target: 'node20',
    banner: { js: before },
    footer: { js: after },
  });
  const fixture = relative(join(root, 'test', 'fixtures'), path);
  return { path, fixture, remove: () => rmSync(folder, { recursive: true }) };
};

export const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });

/** A connection, tried again until the program listens; destroyed when the test ends. */
export const connectTo = async (port: number): Promise<net.Socket> => {
  for (let attempt = 0; attempt < 500; attempt++) {
    const socket = net.connect(port, '127.0.0.1');
    const connected = await new Promise((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    if (connected) {
      onTestFinished(() => void socket.destroy());
      return socket;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return expect.fail('the program does not listen');
};

/** Bytes that differ from those of another seed. */
export const numbered = (length: number, seed: number): Buffer =>
  Buffer.from(Uint8Array.from({ length }, (_, i) => i * 31 + seed));
