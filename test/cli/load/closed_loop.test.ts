import { describe, expect, it } from 'vitest';
import { ControlEnded } from '../../../lib/cli/load/clients.ts';
import { closedLoop } from '../../../lib/cli/load/closed_loop.ts';
import { connect, startScript, startServer } from './peers.ts';

describe('closedLoop', () => {
  it.each(['tcp', 'unix', 'udp'] as const)('counts whole messages over %s, slice after slice', async (transport) => {
    const { addresses } = await startServer();
    const { clients } = connect({ transport, address: addresses[transport] ?? '' });
    for (const ms of [0, 20]) {
      const loop = closedLoop(clients, ms);
      expect(loop.messages).toBeGreaterThanOrEqual(3);
      expect(Number.isInteger(loop.messages)).toBe(true);
      expect(loop.ms).toBeGreaterThanOrEqual(ms);
    }
  });

  it('understands a server that answers in pieces', async () => {
    const { clients } = connect({ address: await startScript('s.write(d.subarray(0, 5)); s.write(d.subarray(5));') });
    for (const ms of [0, 30]) {
      const { messages } = closedLoop(clients, ms);
      expect(messages).toBeGreaterThanOrEqual(3);
      expect(Number.isInteger(messages)).toBe(true);
    }
  });

  it('finds that the server sends other bytes', async () => {
    const { clients } = connect({ address: await startScript('d[9]++; s.write(d);') });
    expect(() => closedLoop(clients, 5)).toThrow('the server sent other bytes');
  });

  it('finds that the server gives the bytes of one connection to another', async () => {
    // Always those of the same one: what goes round among all of them may be at home again at the end.
    const { clients } = connect({ address: await startScript('globalThis.first ??= d; s.write(globalThis.first);') });
    expect(() => closedLoop(clients, 5)).toThrow('the server sent other bytes');
  });

  it('says that the server closes a connection', async () => {
    const { clients } = connect({ address: await startScript('s.end();') });
    expect(() => closedLoop(clients, 5)).toThrow('the server closed a connection');
  });

  it('ends with its control socket', async () => {
    const { clients, ours } = connect({ address: await startScript('') });
    ours.close();
    expect(() => closedLoop(clients, 60_000)).toThrow(ControlEnded);
  });
});
