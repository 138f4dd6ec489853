import { expect, it } from 'vitest';
import { READ_CLOSED, READABLE, WRITABLE } from '../../lib/index.ts';
import { describeEachBackend } from '../support/backends.ts';
import { expectEvents, expectFdError, expectNoEvents, waitForFlags } from '../support/expect.ts';
import { connection, drain, openPipe, pair, reset, say } from '../support/sockets.ts';

describeEachBackend('an empty interest', (backend) => {
  it('parks the descriptor: known, counted, and silent', () => {
    const poller = backend.poller();
    const [a, b] = pair();
    say(b);
    poller.add(a, READABLE | WRITABLE);
    poller.modify(a, 0);
    expectNoEvents(poller);
    expect(poller.has(a)).toBe(true);
    expect(poller.size).toBe(1);
    poller.modify(a, READABLE);
    expectEvents(poller, [[a, READABLE]]);
  });

  it('can be there from the start', () => {
    const poller = backend.poller<string>();
    const [a, b] = pair();
    say(b);
    poller.add(a, 0, { data: 'waiting' });
    expectNoEvents(poller);
    poller.modify(a, READABLE | WRITABLE);
    expectEvents(poller, [[a, READABLE | WRITABLE]]);
    expect(poller.wait(0).data(0)).toBe('waiting');
  });

  it('keeps data and mode', () => {
    const poller = backend.poller<string>();
    const [a] = pair();
    poller.add(a, WRITABLE, { mode: 'oneshot', data: 'kept' });
    poller.modify(a, 0);
    expectNoEvents(poller);
    poller.modify(a, WRITABLE);
    const events = poller.wait(1000);
    expect(events.length).toBe(1);
    expect(events.data(0)).toBe('kept');
    expectNoEvents(poller);
  });

  it('can be set twice, and deleted', () => {
    const poller = backend.poller();
    const [a] = pair();
    poller.add(a, WRITABLE);
    poller.modify(a, 0);
    poller.modify(a, 0);
    expect(poller.delete(a)).toBe(true);
    expect(poller.size).toBe(0);
    poller.add(a, WRITABLE);
    expectEvents(poller, [[a, WRITABLE]]);
  });

  it('takes new data with modify', () => {
    const poller = backend.poller<string>();
    const [a] = pair();
    poller.add(a, WRITABLE, { data: 'old' });
    poller.modify(a, 0, { data: 'new' });
    poller.modify(a, WRITABLE);
    expect(poller.wait(1000).data(0)).toBe('new');
  });

  it('of a spent one-shot keeps it spent', () => {
    const poller = backend.poller();
    const [a] = pair();
    poller.add(a, WRITABLE, { mode: 'oneshot' });
    expectEvents(poller, [[a, WRITABLE]]);
    poller.modify(a, 0);
    expectNoEvents(poller);
    poller.modify(a, WRITABLE);
    expectEvents(poller, [[a, WRITABLE]]);
    expectNoEvents(poller);
  });

  it('reports no hang-up and takes no time when the peer goes away', () => {
    const poller = backend.poller();
    const [client, server] = connection();
    const [a, b] = pair();
    const { read, write, end } = openPipe();
    const hungUp = [server, a, read];
    for (const descriptor of hungUp) {
      poller.add(descriptor, READABLE | WRITABLE);
      poller.modify(descriptor, 0);
    }
    reset(client, server);
    b.close();
    end(write);
    const before = process.cpuUsage();
    expectNoEvents(poller, 200);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000, 'ms of CPU in a wait of 200 ms').toBeLessThan(100);
    poller.modify(a, READABLE);
    waitForFlags(poller, a, READABLE);
    expect(drain(a).ended).toBe(true);
  });

  it('of a descriptor that was hung up before reports nothing either', () => {
    const poller = backend.poller();
    const [a, b] = pair();
    poller.add(a, READABLE);
    b.close();
    expect(waitForFlags(poller, a, READABLE) & ~READ_CLOSED).toBe(READABLE);
    poller.modify(a, 0);
    expectNoEvents(poller, 30);
  });

  it('inside a batch lets the batch go on', () => {
    const poller = backend.poller<number>();
    const [a] = pair();
    const [b] = pair();
    poller.add(a, WRITABLE);
    poller.add(b, WRITABLE);
    for (const { fd } of poller.wait(1000)) poller.modify(fd, 0);
    expectNoEvents(poller);
    expect(poller.size).toBe(2);
  });

  it('refuses what cannot be added as any other interest does', () => {
    const poller = backend.poller();
    const [a] = pair();
    poller.add(a, 0);
    expectFdError(() => poller.add(a, 0), 'EEXIST');
  });

  it('of a number that is closed elsewhere keeps it known until delete', () => {
    const poller = backend.poller();
    const { read, end } = openPipe();
    poller.add(read, 0);
    end(read);
    expectNoEvents(poller);
    expect(poller.has(read)).toBe(true);
    expectFdError(() => poller.modify(read, READABLE), 'EBADF');
    expect(poller.has(read)).toBe(true);
    expect(poller.delete(read)).toBe(true);
  });
});
