import { describe, expect, it } from 'vitest';
import { PERCENTILES } from '../../../lib/cli/distribution.ts';
import { ControlEnded } from '../../../lib/cli/load/clients.ts';
import { FixedRateLoad } from '../../../lib/cli/load/fixed_rate.ts';
import { Socket } from '../../../lib/index.ts';
import { closing } from '../../support/sockets.ts';
import { connect, startScript, startServer } from './peers.ts';

describe('FixedRateLoad', () => {
  it.each(['tcp', 'unix', 'udp'] as const)('asks as often as planned over %s, slice after slice', async (transport) => {
    const { addresses } = await startServer();
    const load = new FixedRateLoad(connect({ transport, address: addresses[transport] ?? '' }).clients);
    for (const rate of [100, 1000]) {
      const { messages, lost, latencies } = load.run(rate, 100);
      expect([messages, lost]).toEqual([rate / 10, 0]);
      expect(latencies).toHaveLength(PERCENTILES.length);
      expect(latencies.toSorted((a, b) => a - b)).toEqual(latencies);
      expect(latencies[0]).toBeGreaterThan(0);
    }
  });

  it('counts from when a request was planned, however late the server lets it be', async () => {
    // Nothing is answered until the last request is there.
    const line =
      'globalThis.all = [...(globalThis.all ?? []), [s, d]]; if (globalThis.all.length === 11) for (const [t, e] of globalThis.all) t.write(e);';
    const address = await startScript(line);
    const { clients } = connect({ address, connections: 11 });
    const { latencies } = new FixedRateLoad(clients).run(100, 110);
    // Planned 0 to 100 ms after the start, answered after 100 ms.
    expect(latencies[0]).toBeGreaterThanOrEqual(49_000);
    expect(latencies.at(-1)).toBeGreaterThanOrEqual(99_000);
  });

  it('asks again over a connection that has not answered', async () => {
    const address = await startScript(
      'globalThis.n = (globalThis.n ?? 0) + d.length; if (globalThis.n === 64) s.write(Buffer.concat([globalThis.d, d])); else globalThis.d = Buffer.concat([globalThis.d ?? Buffer.alloc(0), d]);',
    );
    const { clients } = connect({ address, connections: 1 });
    expect(new FixedRateLoad(clients).run(100, 40).messages).toBe(4);
  });

  it('finds that the server sends other bytes', async () => {
    const { clients } = connect({ address: await startScript('d[9]++; s.write(d);') });
    expect(() => new FixedRateLoad(clients).run(1000, 10)).toThrow('the server sent other bytes');
  });

  it('says that the server closes a connection', async () => {
    const { clients } = connect({ address: await startScript('s.end();') });
    expect(() => new FixedRateLoad(clients).run(1000, 10)).toThrow('the server closed a connection');
  });

  it('counts datagrams that do not come back with the time that was waited for them', async () => {
    const { addresses } = await startServer('poll', ['udp']);
    const { clients } = connect({ transport: 'udp', address: addresses.udp ?? '' });
    const [first] = clients.all;
    // Nobody answers there.
    const silent = closing(Socket.listen('127.0.0.1:0', { type: 'dgram' }));
    first?.socket.connect(silent.localAddress ?? '');
    const { messages, lost, latencies } = new FixedRateLoad(clients).run(300, 100);
    expect([messages, lost]).toEqual([20, 10]);
    expect(latencies.at(-1)).toBeGreaterThanOrEqual(500_000);
  });

  it('ends with its control socket', async () => {
    const { clients, ours } = connect({ address: await startScript('') });
    ours.close();
    expect(() => new FixedRateLoad(clients).run(1, 60_000)).toThrow(ControlEnded);
  });
});
