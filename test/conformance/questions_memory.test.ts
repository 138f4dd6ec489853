import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { READABLE, type SocketDuplex, WRITABLE, waitForAll } from '../../lib/index.ts';
import { checkDescriptorsAfterEachTest } from '../support/descriptors.ts';
import { describeEachDriver } from '../support/driven.ts';
import { closed, streamOf } from '../support/duplex.ts';
import { expectOutOfRange, thrownBy } from '../support/expect.ts';
import { drain, fill, pair, say } from '../support/sockets.ts';

// TypeScript's library is older than buffers that can be resized.
type Resizable = ArrayBuffer & { resize(length: number): void };
const resizable = (length: number, most = length): Resizable =>
  new (ArrayBuffer as unknown as new (length: number, options: object) => Resizable)(length, { maxByteLength: most });

describeEachDriver('the slab of events.receive and events.send', (driver) => {
  it('may be shared memory, and memory that can be resized', async () => {
    for (const memory of [new SharedArrayBuffer(256), resizable(256, 512)]) {
      const driven = driver.driven();
      const [ours, theirs] = pair();
      driven.poller.add(ours, READABLE);
      say(theirs, 'to and fro');
      const slab = new Uint8Array(memory);
      await driven.inside((events) => {
        expect(events.receive(slab, 64)).toBe(1);
        expect(Buffer.from(slab).toString('latin1', 0, events.lengths[0])).toBe('to and fro');
        expect(events.send(slab)).toBe(1);
      });
      expect(drain(theirs).text).toBe('to and fro');
    }
  });

  it('is refused when it has shrunk or gone between the two, and nothing beyond it is sent', async () => {
    for (const shrink of ['resize', 'transfer'] as const) {
      const driven = driver.driven();
      const [ours, theirs] = pair();
      driven.poller.add(ours, READABLE);
      say(theirs, 'twenty bytes of text');
      const memory = resizable(256);
      const slab = new Uint8Array(memory);
      await driven.inside((events) => {
        expect(events.receive(slab, 64)).toBe(1);
        if (shrink === 'resize') memory.resize(8);
        else structuredClone(memory, { transfer: [memory] });
        expectOutOfRange(() => events.send(slab));
        expectOutOfRange(() => events.receive(slab, 64));
      });
      expect(drain(theirs).text).toBe('');
    }
  });
});

describe('the arrays of waitForAll', () => {
  checkDescriptorsAfterEachTest();

  it('may be shared memory, and memory that can be resized', () => {
    const [a, b] = pair();
    say(b);
    for (const memory of [new SharedArrayBuffer(24), resizable(24, 48)]) {
      const [fds, interests, flags] = [
        new Int32Array(memory, 0, 2),
        new Uint32Array(memory, 8, 2),
        new Uint32Array(memory, 16, 2),
      ];
      fds.set([a.fd, b.fd]);
      interests.set([READABLE, READABLE | WRITABLE]);
      expect(waitForAll(fds, interests, flags, 1000)).toBe(2);
      expect([...flags]).toEqual([READABLE, WRITABLE]);
    }
  });

  it('that have shrunk are of another length, and refused', () => {
    const [a] = pair();
    const memory = resizable(8);
    const flags = new Uint32Array(memory);
    memory.resize(4);
    const [fds, interests] = [Int32Array.of(a.fd, a.fd), Uint32Array.of(WRITABLE, WRITABLE)];
    expect(thrownBy(() => waitForAll(fds, interests, flags, 0))).toMatchObject({
      code: expect.stringMatching(/^ERR_/),
    });
    memory.resize(0);
    expect(thrownBy(() => waitForAll(fds, interests, flags, 0))).toMatchObject({
      code: expect.stringMatching(/^ERR_/),
    });
  });
});

describe('what is written to a stream of a socket', () => {
  checkDescriptorsAfterEachTest();

  /** All that comes while the stream has something left, and what comes of the stream. */
  const outcome = async (stream: SocketDuplex, theirs: ReturnType<typeof pair>[0]): Promise<[string, unknown]> => {
    let text = '';
    let failure: unknown;
    stream.on('error', (error) => {
      failure = error;
    });
    stream.end();
    const deadline = performance.now() + 5000;
    while (!stream.writableFinished && !stream.destroyed && performance.now() < deadline) {
      text += drain(theirs).text;
      await new Promise((resolve) => setImmediate(resolve));
    }
    text += drain(theirs).text;
    stream.destroy();
    await closed(stream);
    return [text, (failure as { code?: string } | undefined)?.code ?? failure];
  };

  it('may be shared memory, and memory that can be resized', async () => {
    for (const memory of [new SharedArrayBuffer(5), resizable(5, 9)]) {
      const [ours, theirs] = pair();
      const bytes = new Uint8Array(memory);
      bytes.set(Buffer.from('bytes'));
      const stream = streamOf(ours);
      stream.write(bytes);
      expect(await outcome(stream, theirs)).toEqual(['bytes', undefined]);
    }
  });

  it('and is transferred away or shrinks while it is queued is not sent, and what follows is', async () => {
    for (const take of ['resize', 'transfer'] as const) {
      const [ours, theirs] = pair();
      const before = fill(ours);
      const stream = streamOf(ours);
      const memory = resizable(1000);
      const gone = new Uint8Array(memory).fill(0x67);
      stream.write('first,');
      stream.write(gone);
      stream.write('last');
      if (take === 'resize') memory.resize(0);
      else structuredClone(memory, { transfer: [memory] });
      const [text, failure] = await outcome(stream, theirs);
      expect([text.slice(before), failure], take).toEqual(['first,last', undefined]);
    }
  });

  it('with descriptors and is transferred away before it goes is an error, and the descriptors are closed', async () => {
    const [ours, theirs] = pair();
    const before = fill(ours);
    const stream = streamOf(ours, { fds: true });
    const gone = new Uint8Array(1000);
    stream.writeWithFds(gone, [theirs.fd]);
    structuredClone(gone.buffer, { transfer: [gone.buffer] });
    expect(await outcome(stream, theirs)).toEqual(['f'.repeat(before), 'EINVAL']);
  });

  it('is refused when it is no string and no bytes', async () => {
    const [ours] = pair();
    const stream = streamOf(ours);
    for (const wrong of [1, {}, [1], new ArrayBuffer(4), true, Symbol('text')])
      expect(thrownBy(() => stream.write(wrong as never))).toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' });
    expect(thrownBy(() => stream.write(null))).toMatchObject({ code: 'ERR_STREAM_NULL_VALUES' });
    stream.destroy();
    const failed = once(stream, 'error').catch(() => undefined);
    await expect(new Promise((resolve) => stream.write('late', resolve))).resolves.toMatchObject({
      code: 'ERR_STREAM_DESTROYED',
    });
    await Promise.race([failed, closed(stream)]);
  });
});
