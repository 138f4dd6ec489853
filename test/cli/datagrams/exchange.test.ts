import { readdirSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { BatchExchange, BURST, NodeExchange, SegmentExchange } from '../../../lib/cli/datagrams/exchange.ts';
import { Socket } from '../../../lib/index.ts';

describe.each([BatchExchange, SegmentExchange])('%s', (Exchange) => {
  it.each([1, 2, 8, BURST])('sends a burst in calls of %i and receives it whole', (size) => {
    const before = readdirSync('/dev/fd').length;
    const received = vi.spyOn(Socket.prototype, 'recvBatch');
    const exchange = new Exchange(size);
    try {
      const burst = exchange.burst();
      expect(burst.send).toBeGreaterThan(0);
      expect(burst.receive).toBeGreaterThan(0);
      expect(received.mock.results.filter(({ value }) => value === size)).toHaveLength(BURST / size);
    } finally {
      exchange.close();
      received.mockRestore();
    }
    expect(readdirSync('/dev/fd').length).toBe(before);
  });
});

describe('NodeExchange', () => {
  it('sends and receives bursts', async () => {
    const exchange = await NodeExchange.open();
    for (let i = 0; i < 2; i++) {
      expect(await exchange.burst()).toEqual({ send: expect.any(Number), receive: expect.any(Number) });
    }
    exchange.close();
  });
});
