import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ServerProcess } from '../../lib/cli/server_process.ts';
import { Socket } from '../../lib/index.ts';
import { built } from './dist.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fdpoll-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

/** A server that does what a line of script says, on its control socket `c`. */
function scripted(line: string): string {
  const path = join(directory, 'server.mjs');
  writeFileSync(path, `import { Socket } from 'node:net'; const c = new Socket({ fd: 3 }); ${line}`);
  return path;
}

describe('ServerProcess', () => {
  it('knows the port and the CPU time of its process', async () => {
    const server = new ServerProcess(built('cli/echo_server.js'), 'node:net');
    const cpu = server.cpu();
    expect(server.port).toBeGreaterThan(0);
    expect(cpu).toBeGreaterThan(0);
    expect(server.cpu()).toBeGreaterThanOrEqual(cpu);
    await server.close();
  });

  it('closes twice', async () => {
    const server = new ServerProcess(built('cli/echo_server.js'), 'poll');
    await server.close();
    await server.close();
  });

  it('takes what it passes on', async () => {
    const [ours, theirs] = Socket.pair();
    const server = new ServerProcess(built('cli/echo_server.js'), 'poll', theirs);
    expect(theirs.closed).toBe(true);
    await server.close();
    ours.close();
  });

  it('says that the process has ended', () => {
    expect(() => new ServerProcess(scripted('process.exit();'), 'any')).toThrow('the server process has ended');
  });

  it('says why the process failed', () => {
    const path = scripted(`c.end(JSON.stringify({ error: 'no luck' }) + '\\n');`);
    expect(() => new ServerProcess(path, 'any')).toThrow('the server process failed: no luck');
  });

  it('puts an answer together that comes in pieces', async () => {
    const path = scripted(`c.write('{"po'); setTimeout(() => c.write('rt":7}\\n'), 20);`);
    const server = new ServerProcess(path, 'any');
    expect(server.port).toBe(7);
    await server.close();
  });
});
