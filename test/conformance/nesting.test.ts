import { expect, it } from 'vitest';
import { backends, Poller, READABLE, WRITABLE } from '../../lib/index.ts';
import { describeEachBackend } from '../support/backends.ts';
import { expectEvents, expectFdError, expectNoEvents, expectOutOfRange } from '../support/expect.ts';
import { closing, drain, pair, say } from '../support/sockets.ts';

const pollable = backends().find((info) => info.usable && info.capabilities.pollable)?.name;

describeEachBackend('a poller inside a poller', (backend) => {
  if (pollable) {
    it(`reports readable while the inner one (${pollable}) has events`, () => {
      const outer = backend.poller<string>();
      const inner = closing(new Poller({ backend: pollable }));
      const [a, b] = pair();
      inner.add(a, READABLE);
      outer.add(inner, READABLE, { data: 'inner' });
      expectNoEvents(outer);
      say(b);
      expectEvents(outer, [[inner, READABLE]]);
      expect(outer.wait(0).data(0)).toBe('inner');
      expectEvents(inner, [[a, READABLE]]);
      drain(a);
      expectNoEvents(inner);
      expectNoEvents(outer);
    });

    it('reports the waker of the inner one', () => {
      const outer = backend.poller();
      const inner = closing(new Poller({ backend: pollable }));
      outer.add(inner, READABLE);
      expectNoEvents(outer);
      inner.waker.wake();
      expectEvents(outer, [[inner, READABLE]]);
      expect(inner.wait(0).woken).toBe(true);
      expectNoEvents(outer);
    });

    it('leaves the outer one when it is closed', () => {
      const outer = backend.poller();
      const inner = new Poller({ backend: pollable });
      const [a] = pair();
      inner.add(a, WRITABLE);
      outer.add(inner, READABLE);
      expectEvents(outer, [[inner, READABLE]]);
      inner.close();
      expect(outer.size).toBe(0);
      expectNoEvents(outer);
    });
  }

  const noDescriptor = backend.differs('pollable descriptor');
  it(noDescriptor ? `has fd -1, which no poller takes: ${noDescriptor}` : 'has a descriptor of its own', () => {
    const poller = backend.poller();
    const outer = closing(new Poller());
    if (noDescriptor) {
      expect(poller.fd).toBe(-1);
      expectOutOfRange(() => outer.add(poller, READABLE));
    } else {
      expect(poller.fd).toBeGreaterThan(2);
      outer.add(poller, READABLE);
    }
    expect(backend.info.capabilities.pollable).toBe(!noDescriptor);
  });

  if (backend.kind === 'epoll')
    it('is refused where the kernel does: itself, a circle, a fifth edge', () => {
      const chain = Array.from({ length: 7 }, () => backend.poller());
      const at = (i: number): Poller => chain[i] ?? expect.fail('no such poller');
      expectFdError(() => at(0).add(at(0), READABLE), 'EINVAL');
      at(0).add(at(1), READABLE);
      expectFdError(() => at(1).add(at(0), READABLE), 'ELOOP');
      const error = expectFdError(() => {
        for (let i = 1; i < 6; i++) at(i).add(at(i + 1), READABLE);
      }, 'ELOOP');
      expect(error.syscall).toBe('epoll_ctl');
    });
});
