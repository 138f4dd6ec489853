import { describe, expect, it } from 'vitest';
import { Pairs } from '../../../lib/cli/scenarios/pairs.ts';
import { ACTIVE, measureRelay } from '../../../lib/cli/scenarios/relay.ts';
import { backends, READABLE } from '../../../lib/index.ts';
import { openDescriptors } from './with_sizes.ts';

const usable = backends().filter((backend) => backend.usable);

describe.each(usable)('measureRelay on $name', ({ name: backend, capabilities }) => {
  it.each([
    [10, 0],
    [10, 20],
    [23, 20],
  ])('reads every byte of %d pairs in a slice of %d ms', (n, sliceMs) => {
    const before = openDescriptors();
    const pairs = new Pairs();
    pairs.grow(n);
    let events = 0;
    const afterEvent = () => events++;
    const [time, cpu] = measureRelay({ backend, pairs, n, afterEvent }, sliceMs);
    expect(events).toBeGreaterThanOrEqual(ACTIVE);
    expect(time).toBeGreaterThan(0);
    expect(cpu).toBeGreaterThan(0);
    expect(pairs.readers.every((reader) => reader.recv(new Uint8Array(1)) === -1)).toBe(true);
    pairs.close();
    expect(openDescriptors()).toBe(before);
  });

  if (capabilities.edge)
    it('loses no byte in edge mode, when all pairs are active', () => {
      const pairs = new Pairs();
      pairs.grow(ACTIVE);
      expect(measureRelay({ backend, pairs, n: ACTIVE, mode: 'edge' }, 20)[0]).toBeGreaterThan(0);
      pairs.close();
    });

  if (capabilities.oneshot)
    it('loses no byte in one-shot mode, where each event arms its pair again', () => {
      const pairs = new Pairs();
      pairs.grow(ACTIVE);
      const relay = { backend, pairs, n: ACTIVE, mode: 'oneshot' } as const;
      const [time] = measureRelay({ ...relay, afterEvent: (poller, reader) => poller.modify(reader, READABLE) }, 20);
      expect(time).toBeGreaterThan(0);
      pairs.close();
    });

  it('leaves no byte behind when an event throws', () => {
    const before = openDescriptors();
    const pairs = new Pairs();
    pairs.grow(ACTIVE);
    const afterEvent = () => {
      throw new Error('no luck');
    };
    expect(() => measureRelay({ backend, pairs, n: ACTIVE, afterEvent }, 0)).toThrow('no luck');
    expect(pairs.readers.every((reader) => reader.recv(new Uint8Array(1)) === -1)).toBe(true);
    pairs.close();
    expect(openDescriptors()).toBe(before);
  });
});
