import { expect, it } from 'vitest';
import { STAMP_BYTES, StampSource } from '../../../lib/cli/stamp_source.ts';
import { monotonicTime, READABLE, waitFor } from '../../../lib/index.ts';
import { built } from '../dist.ts';

const INTERVAL_US = 500;

/** The stamps of one order, as they are in the socket. */
function receive(source: StampSource, count: number): { planned: bigint; sent: bigint }[] {
  const bytes = Buffer.alloc(count * STAMP_BYTES);
  for (let got = 0; got < bytes.length; ) {
    expect(waitFor(source.socket, READABLE, 10_000)).not.toBe(0);
    got += Math.max(0, source.socket.recv(bytes, got));
  }
  return Array.from({ length: count }, (_, i) => ({
    planned: bytes.readBigInt64LE(i * STAMP_BYTES),
    sent: bytes.readBigInt64LE(i * STAMP_BYTES + 8),
  }));
}

it('sends at times that it has planned beforehand, never earlier, by the clock of all processes', async () => {
  const source = new StampSource(built('cli/stamp_sender.js'));
  for (const count of [4, 1]) {
    const before = monotonicTime();
    source.order({ count, intervalUs: INTERVAL_US });
    const stamps = receive(source, count);
    const after = monotonicTime();
    const [first] = stamps;
    stamps.forEach(({ planned, sent }, i) => {
      expect(planned).toBe((first?.planned ?? 0n) + BigInt(i * INTERVAL_US) * 1000n);
      expect(sent).toBeGreaterThanOrEqual(planned);
      expect(sent).toBeGreaterThan(before);
      expect(sent).toBeLessThan(after);
    });
  }
  await source.close();
});

it('goes on by its plan when nobody reads for a while', async () => {
  const source = new StampSource(built('cli/stamp_sender.js'));
  // More than the socket holds.
  const count = 5000;
  source.order({ count, intervalUs: 1 });
  const stamps = receive(source, count);
  const [first, last] = [stamps[0], stamps.at(-1)];
  expect((last?.planned ?? 0n) - (first?.planned ?? 0n)).toBe(BigInt(count - 1) * 1000n);
  await source.close();
});
