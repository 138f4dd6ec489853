import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { IdleProcess } from '../../lib/cli/idle_process.ts';
import { Socket } from '../../lib/index.ts';
import { built } from './dist.ts';
import { openDescriptors } from './scenarios/with_sizes.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fdpoll-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

/** A program that does what a line of script says. */
function scripted(line: string): string {
  const path = join(directory, 'program.mjs');
  writeFileSync(path, line);
  return path;
}

const listening = "process.on('disconnect', () => process.exit()); process.send({ listening: true });";

describe('IdleProcess', () => {
  it('holds connections, and tells its memory and its context switches', async () => {
    const before = openDescriptors();
    const path = join(directory, 'socket');
    const held = await IdleProcess.start(built('cli/idle_server.js'), 'poll', path);
    const client = Socket.connect(`unix:${path}`);
    await held.hold(1);
    const { resident, heap } = await held.memory();
    expect(heap).toBeGreaterThan(0);
    expect(resident).toBeGreaterThan(heap);
    const switches = await held.switches();
    expect(switches).toBeGreaterThan(0);
    expect(await held.switches()).toBeGreaterThanOrEqual(switches);
    await held.close();
    client.close();
    expect(openDescriptors()).toBe(before);
  });

  it('closes twice', async () => {
    const held = await IdleProcess.start(scripted(listening), 'any', 'any');
    await held.close();
    await held.close();
  });

  it('says that the process has ended before it listened', async () => {
    const before = openDescriptors();
    await expect(IdleProcess.start(scripted('process.exit();'), 'any', 'any')).rejects.toThrow('has ended');
    expect(openDescriptors()).toBe(before);
  });

  it('says that the process ended when it was asked, and ever after', async () => {
    const held = await IdleProcess.start(
      scripted(`${listening} process.on('message', () => process.exit());`),
      'any',
      'any',
    );
    await expect(held.memory()).rejects.toThrow('has ended');
    await expect(held.switches()).rejects.toThrow('has ended');
    await held.close();
  });

  it('says why the process failed', async () => {
    const path = scripted("process.send({ error: 'no luck' }, () => process.exit(1));");
    await expect(IdleProcess.start(path, 'any', 'any')).rejects.toThrow('failed: no luck');
  });

  it.each(['memory', 'switches'] as const)('refuses an answer to another question than %s', async (question) => {
    const held = await IdleProcess.start(
      scripted(`${listening} process.on('message', () => process.send({ held: 1 }));`),
      'any',
      'any',
    );
    await expect(held[question]()).rejects.toThrow('did not say');
    await held.close();
  });
});
