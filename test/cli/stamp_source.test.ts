import { describe, expect, it } from 'vitest';
import { STAMP_BYTES, StampLog, StampSource } from '../../lib/cli/stamp_source.ts';
import { monotonicTime, READABLE, Socket, waitFor } from '../../lib/index.ts';
import { built } from './dist.ts';
import { leavesNothingBehind } from './left_behind.ts';

function stamps(...times: [planned: bigint, sent: bigint][]): Buffer {
  const bytes = Buffer.alloc(times.length * STAMP_BYTES);
  times.forEach(([planned, sent], i) => {
    bytes.writeBigInt64LE(planned, i * STAMP_BYTES);
    bytes.writeBigInt64LE(sent, i * STAMP_BYTES + 8);
  });
  return bytes;
}

describe('StampLog', () => {
  it('tells how late the event was heard of, and how much of it is the fault of the sender', () => {
    const log = new StampLog(2);
    expect(log.take(stamps([1000n, 1100n]), 1500n)).toBe(false);
    expect([log.latency.max, log.latencyFromWrite.max, log.lateness.max]).toEqual([500, 400, 100]);
    expect(log.take(stamps([2000n, 2000n]), 2300n)).toBe(true);
    expect(log.latency.count).toBe(2);
  });

  it('knows several stamps of one reading, each with its own latency', () => {
    const log = new StampLog(3);
    expect(log.take(stamps([100n, 100n], [200n, 200n], [300n, 300n]), 400n)).toBe(true);
    expect([log.latency.min, log.latency.max, log.latency.count]).toEqual([100, 300, 3]);
  });

  it('has no negative latency for what came between the notice and the reading', () => {
    const log = new StampLog(1);
    const now = monotonicTime();
    log.take(stamps([now, now]), now - 1_000_000n);
    expect(log.latency.min).toBeGreaterThan(0);
  });

  it('refuses half a stamp, and the end of the sender', () => {
    const log = new StampLog(1);
    expect(() => log.take(Buffer.alloc(STAMP_BYTES - 1))).toThrow('half a stamp');
    const [ours, theirs] = Socket.pair();
    expect(log.read(ours)).toBe(false);
    theirs.close();
    expect(() => log.read(ours)).toThrow('the sending process has ended');
    ours.close();
  });
});

describe('StampSource', () => {
  it('has a process that writes what is ordered, and leaves nothing behind', async () => {
    await leavesNothingBehind(async () => {
      const source = new StampSource(built('cli/stamp_sender.js'));
      const log = new StampLog(5);
      source.order({ count: 5, intervalUs: 100 });
      do expect(waitFor(source.socket, READABLE, 10_000)).not.toBe(0);
      while (!log.read(source.socket));
      expect(log.latency.count).toBe(5);
      await source.close();
    });
  });

  it('says that the process does not start', async () => {
    await leavesNothingBehind(() => {
      expect(() => new StampSource('/dev/null')).toThrow('the server process has ended');
    });
  });
});
