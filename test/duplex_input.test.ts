import { describe, expect, it } from 'vitest';
import { native } from '../lib/binding.ts';
import { close } from '../lib/descriptors.ts';
import { DuplexInput, scratch } from '../lib/duplex_input.ts';
import { checkDescriptorsAfterEachTest } from './support/descriptors.ts';
import { expectFdError } from './support/expect.ts';
import { bytes, connection, openPipe, pair, reset, say } from './support/sockets.ts';

describe('the receiving half of a stream', () => {
  checkDescriptorsAfterEachTest();

  it('gives what has come, nothing, and the end', () => {
    const [a, b] = pair();
    const input = new DuplexInput(a, false);
    expect(input.receive()).toBeUndefined();
    say(b, 'hello');
    expect(input.receive()?.toString()).toBe('hello');
    expect(input.drained).toBe(true);
    expect(input.receive()).toBeUndefined();
    b.close();
    expect(input.receive()).toHaveLength(0);
  });

  it('gives chunks that keep their bytes, and are as large as these', () => {
    const [a, b] = pair();
    const input = new DuplexInput(a, false);
    const chunks: (Buffer | undefined)[] = [];
    for (let i = 0; i < 500; i++) {
      say(b, `chunk ${i}`);
      chunks.push(input.receive());
    }
    expect(chunks.map(String)).toEqual(Array.from({ length: 500 }, (_, i) => `chunk ${i}`));
    expect(new Set(chunks.map((chunk) => chunk?.buffer)).size, 'shared memory').toBeLessThan(10);
    expect(chunks[0]?.buffer.byteLength).toBeLessThanOrEqual(16384);
  });

  it('receives more at once after a large chunk, and says whether there is more', () => {
    const [a, b] = pair();
    const input = new DuplexInput(a, false);
    const data = Buffer.alloc(100_000, 'large');
    expect(b.send(data)).toBe(data.length);
    const chunks: Buffer[] = [];
    const drained: boolean[] = [];
    for (let chunk = input.receive(); chunk !== undefined; chunk = input.receive()) {
      chunks.push(chunk);
      drained.push(input.drained);
    }
    expect(Buffer.concat(chunks).equals(data)).toBe(true);
    expect(chunks[1]).toHaveLength(scratch.length);
    expect(drained).toEqual([false, false, true]);
    say(b, 'small again');
    expect(input.receive()?.toString()).toBe('small again');
  });

  it('gives descriptors beside the bytes where it is asked to', () => {
    const [a, b] = pair();
    const input = new DuplexInput(a, true);
    const { read, write } = openPipe();
    expect(input.receive()).toBeUndefined();
    b.sendMessage(bytes('with'), { fds: [read, write] });
    expect(input.receive()?.toString()).toBe('with');
    expect(input.fds).toHaveLength(2);
    native.takeDescriptors();
    for (const fd of input.fds) close(fd);
    say(b, 'without');
    expect(input.receive()?.toString()).toBe('without');
    expect(input.fds).toEqual([]);
  });

  it('throws what recv throws', () => {
    const [a, b] = connection();
    const input = new DuplexInput(a, false);
    reset(b, a);
    expectFdError(
      () => {
        for (let i = 0; i < 1000; i++) input.receive();
      },
      'ECONNRESET',
      'recv',
    );
  });
});
