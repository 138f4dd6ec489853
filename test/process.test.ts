import { constants } from 'node:os';
import { describe, expect, it } from 'vitest';
import { Process } from '../lib/process.ts';
import { FakeHome } from './support/batches.ts';

const ended = (payload: number): Process => {
  const home = new FakeHome();
  const process = new Process(home, 1, 42);
  home.tell([process, payload]);
  home.tell();
  return process;
};

describe('a process', () => {
  it('has no end before it has ended', () => {
    const process = new Process(new FakeHome(), 1, 42);
    expect(process).toMatchObject({ kind: 'process', pid: 42, closed: false });
    expect([process.exitCode, process.signalCode]).toEqual([undefined, undefined]);
  });

  it.each([0, 1, 255])('has the exit code %d, also after its batch', (code) => {
    const process = ended(code);
    expect([process.exitCode, process.signalCode, process.closed]).toEqual([code, undefined, true]);
  });

  it.each(['SIGKILL', 'SIGTERM', 'SIGSEGV'] as const)('has the signal %s that killed it', (signal) => {
    const process = ended(256 + constants.signals[signal]);
    expect([process.exitCode, process.signalCode, process.closed]).toEqual([undefined, signal, true]);
  });

  it('has neither when the system does not tell, nor for a signal without a name', () => {
    for (const payload of [-1, 256, 256 + 1000]) {
      const process = ended(payload);
      expect([process.exitCode, process.signalCode, process.closed]).toEqual([undefined, undefined, true]);
    }
  });
});
