import { closeSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect } from 'vitest';
import { pipe, READABLE, read, Socket, WRITABLE, waitFor, write } from '../../lib/index.ts';
import { checkDescriptorsAfterEachTest } from '../support/descriptors.ts';
import { holds } from '../support/properties.ts';

/** Two ends of something that carries bytes. */
interface Stream {
  send(buffer: Uint8Array, offset: number, length: number): number;
  receive(buffer: Uint8Array, offset: number, length: number): number;
  end(): void;
  close(): void;
}

const ofSockets = (a: Socket, b: Socket): Stream => ({
  send: (buffer, offset, length) => a.send(buffer, offset, length),
  receive: (buffer, offset, length) => b.recv(buffer, offset, length),
  end: () => a.shutdown('write'),
  close: () => {
    a.close();
    b.close();
  },
});

const tcp = (): Stream => {
  using listener = Socket.listen('127.0.0.1:0');
  const client = Socket.connect(listener.localAddress ?? expect.fail('it listens somewhere'));
  expect(waitFor(listener, READABLE, 2000)).toBe(READABLE);
  const server = listener.accept() ?? expect.fail('a readable listener has a connection');
  expect(waitFor(client, WRITABLE, 2000)).toBe(WRITABLE);
  return ofSockets(client, server);
};

const ofPipe = (): Stream => {
  const [from, to] = pipe();
  const open = new Set([from, to]);
  const closeEnd = (fd: number): void => {
    if (open.delete(fd)) closeSync(fd);
  };
  return {
    send: (buffer, offset, length) => write(to, buffer, offset, length),
    receive: (buffer, offset, length) => read(from, buffer, offset, length),
    end: () => closeEnd(to),
    close: () => [from, to].forEach(closeEnd),
  };
};

// No two places within 251 bytes are alike, so that nothing can be lost, doubled or exchanged unseen.
const source = Buffer.from(Uint8Array.from({ length: 400_000 }, (_, i) => (i * 89 + (i >> 8) * 7) % 251));
const size = fc.oneof(fc.nat({ max: 16 }), fc.nat({ max: 4096 }), fc.nat({ max: 100_000 }));
const step = fc.record({ sends: fc.boolean(), size, offset: fc.nat({ max: 64 }) });

describe.each([
  ['a unix socket', () => ofSockets(...Socket.pair())],
  ['TCP', tcp],
  ['a pipe', ofPipe],
] as const)('the bytes of a stream, over %s,', (_, open) => {
  checkDescriptorsAfterEachTest();

  holds(
    'all arrive, in order, for any sizes of sends and receives, and then the end',
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const stream = open();
      const room = Buffer.alloc(100_064);
      let [sent, received] = [0, 0];
      const take = (offset: number, length: number): number => {
        room.fill(0xff);
        const n = stream.receive(room, offset, length);
        expect(n).toBeLessThanOrEqual(length);
        const got = Math.max(0, n);
        expect(room.subarray(offset, offset + got).equals(source.subarray(received, received + got))).toBe(true);
        // Nothing is written beside what was asked for.
        expect(room.subarray(0, offset).every((byte) => byte === 0xff)).toBe(true);
        expect(room.subarray(offset + got, offset + got + 64).every((byte) => byte === 0xff)).toBe(true);
        received += got;
        return n;
      };
      try {
        for (const { sends, size: wanted, offset } of steps) {
          const length = Math.min(wanted, source.length - sent);
          if (sends) {
            const n = stream.send(source, sent, length);
            expect(n).toBeLessThanOrEqual(length);
            sent += Math.max(0, n);
          } else if (wanted > 0) take(offset, wanted);
          expect(received).toBeLessThanOrEqual(sent);
        }
        stream.end();
        const deadline = performance.now() + 2000;
        let n = take(0, 100_000);
        while (n !== 0 && performance.now() < deadline) n = take(0, 100_000);
        expect([n, received]).toEqual([0, sent]);
      } finally {
        stream.close();
      }
    }),
    80,
  );
});
