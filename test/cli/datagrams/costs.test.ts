import { describe, expect, it } from 'vitest';
import { answerCosts, BATCH, measureCosts, NODE_DGRAM, SEGMENTS } from '../../../lib/cli/datagrams/costs.ts';
import { BURST } from '../../../lib/cli/datagrams/exchange.ts';

describe('measureCosts', () => {
  it('gives microseconds of each datagram, of one burst at least', async () => {
    let bursts = 0;
    const burst = () => {
      bursts++;
      return { send: 0.64, receive: 1.28 };
    };
    const { send, receive, cpu } = await measureCosts({ burst, close: () => {} }, 0);
    expect(bursts).toBe(1);
    expect([send, receive]).toEqual([(0.64 * 1000) / BURST, (1.28 * 1000) / BURST]);
    expect(cpu).toBeGreaterThanOrEqual(0);
  });
});

describe('answerCosts', () => {
  it.each([BATCH, SEGMENTS, NODE_DGRAM])('measures %s', async (subject) => {
    const costs = await answerCosts({ subject, batch: 4, ms: 1 });
    expect(Math.min(costs.send, costs.receive, costs.cpu)).toBeGreaterThan(0);
  });

  it('refuses what is not there', async () => {
    await expect(answerCosts({ subject: 'pigeons', batch: 1, ms: 1 })).rejects.toThrow("there is no 'pigeons'");
  });
});
