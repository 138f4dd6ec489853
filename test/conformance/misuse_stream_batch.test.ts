import { expect, it } from 'vitest';
import { READABLE } from '../../lib/index.ts';
import { describeEachBackend } from '../support/backends.ts';
import { batchOf, expectClosed, expectOutOfRange, expectWrongType } from '../support/expect.ts';
import { drain, pair, say } from '../support/sockets.ts';

describeEachBackend('events.receive and events.send, misused,', (backend) => {
  it('survive columns that are overwritten', () => {
    const poller = backend.poller();
    const [ours, theirs] = pair();
    poller.add(ours, READABLE);
    say(theirs, 'text');
    const events = batchOf(poller, 1);
    const slab = Buffer.alloc(1024);
    for (const column of [events.fds, events.flags, events.offsets, events.lengths, events.sent]) column.fill(-1);
    expect(events.receive(slab, 64)).toBe(1);
    for (const column of [events.fds, events.flags, events.offsets, events.lengths, events.sent])
      column.fill(2 ** 31 - 1);
    expect(events.send(slab)).toBe(1);
    expect(drain(theirs).text).toBe('text');
  });

  it('refuse what is no slab, and an `each` that cannot be', () => {
    const poller = backend.poller();
    const [ours, theirs] = pair();
    poller.add(ours, READABLE);
    say(theirs, 'kept');
    const events = batchOf(poller, 1);
    for (const wrong of ['slab', null, undefined, 1, {}, [1], new ArrayBuffer(64)]) {
      expectWrongType(() => events.receive(wrong as unknown as Uint8Array, 1));
      expectWrongType(() => events.send(wrong as unknown as Uint8Array));
    }
    const slab = Buffer.alloc(64);
    for (const each of [0, -1, 0.5, Number.NaN, 65, 2 ** 31, 2 ** 32, Infinity])
      expectOutOfRange(() => events.receive(slab, each));
    for (const each of ['1', null, {}, 1n]) expectWrongType(() => events.receive(slab, each as number));
    expectOutOfRange(() => events.receive(Buffer.alloc(0), 1));
    expect(drain(ours).text).toBe('kept');
  });

  it('refuse a slab that was transferred away or is too small by now', () => {
    const poller = backend.poller();
    const [ours, theirs] = pair();
    poller.add(ours, READABLE);
    say(theirs, 'text');
    const events = batchOf(poller, 1);
    const slab = new Uint8Array(64);
    expect(events.receive(slab, 64)).toBe(1);
    expectOutOfRange(() => events.send(new Uint8Array(2)));
    structuredClone(slab.buffer, { transfer: [slab.buffer] });
    expectOutOfRange(() => events.send(slab));
    expectOutOfRange(() => events.receive(slab, 1));
  });

  it('throw ERR_FDPOLL_CLOSED once the poller is closed', () => {
    const poller = backend.poller();
    const events = poller.wait(0);
    poller.close();
    expectClosed(() => events.receive(Buffer.alloc(64), 1));
    expectClosed(() => events.send(Buffer.alloc(64)));
  });
});
