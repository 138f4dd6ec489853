import type { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import {
  type Events,
  type HostingKind,
  type Mode,
  Poller,
  READABLE,
  Socket,
  toDuplex,
  write,
} from '../../lib/index.ts';
import { type BackendUnderTest, describeEachBackend } from '../support/backends.ts';
import { expectEvents, expectFdError, expectNoEvents } from '../support/expect.ts';
import { hostingsUnderTest, until } from '../support/hosted.ts';
import { bytes, closing, drain, openPipe, pair, say } from '../support/sockets.ts';
import { startWorker } from '../support/threads.ts';

/** '' waits in wait(). */
type Way = HostingKind | '';

interface Back {
  readonly text: string;
  readonly batches: number;
  readonly fd: number;
}

const waysOf = (backend: BackendUnderTest): Way[] => [
  '',
  ...hostingsUnderTest().flatMap((host) => (host.name === backend.name ? [host.hosting] : [])),
];

const modesOf = (backend: BackendUnderTest): Mode[] =>
  backend.differs('edge mode') === undefined ? ['level', 'oneshot', 'edge', 'edge-oneshot'] : ['level', 'oneshot'];

/** The other thread. */
class Other {
  readonly #worker: Worker;
  readonly #messages: unknown[] = [];

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.on('message', (message) => this.#messages.push(message));
  }

  static async start(): Promise<Other> {
    return new Other((await startWorker('handover.mjs')).worker);
  }

  async #next(): Promise<unknown> {
    await until('the other thread says something', () => this.#messages.length > 0);
    return this.#messages.shift();
  }

  /** Returns when it polls the descriptor. */
  async take(backend: BackendUnderTest, what: { fd: number; want: number; [key: string]: unknown }): Promise<void> {
    this.#worker.postMessage({ backend: backend.name, hosting: '', mode: 'level', ...what });
    expect(await this.#next()).toBe('polling');
  }

  async giveBack(): Promise<Back> {
    return (await this.#next()) as Back;
  }
}

/** A poller of this thread, and how many events it has told by now. */
const listening = (backend: BackendUnderTest, way: Way): { poller: Poller; heard: () => number } => {
  const poller = closing(new Poller(way === '' ? { backend: backend.name } : { backend: backend.name, hosting: way }));
  let heard = 0;
  const hear = (events: Events): void => {
    heard += events.length;
  };
  if (way !== '') poller.start(hear);
  return {
    poller,
    heard: () => {
      if (way === '') hear(poller.wait(0));
      return heard;
    },
  };
};

describeEachBackend('what is handed to another thread', (backend) => {
  const ways = waysOf(backend).flatMap((here) => waysOf(backend).map((there) => [here, there] as const));
  const named = ways.map(([here, there]) => ({ here, there, title: `${here || 'wait'} to ${there || 'wait'}` }));

  it.each(named)('is polled there, with what had come before, and no longer here: $title', async ({ here, there }) => {
    const other = await Other.start();
    for (const mode of modesOf(backend)) {
      const { poller, heard } = listening(backend, here);
      const [a, b] = pair();
      poller.add(a, READABLE, { mode });
      say(b, 'in flight, ');
      let before = 0;
      await until('it is polled here', () => {
        before = heard();
        return before > 0;
      });
      const fd = a.detach();
      expect([poller.size, poller.has(fd)]).toEqual([0, false]);
      await other.take(backend, { fd, hosting: there, mode, want: 14 });
      say(b, 'new');
      const { text, batches, fd: back } = await other.giveBack();
      expect(text).toBe('in flight, new');
      expect(batches).toBeGreaterThanOrEqual(1);
      expect(heard(), 'events here').toBe(before);

      const again = closing(Socket.fromFd(back));
      poller.add(again, READABLE, { mode });
      say(b, 'back');
      await until('it is polled here again', () => heard() > before);
      expect(drain(again).text).toBe('back');
      poller.close();
    }
  });

  it.each(named)('loses nothing of a stream on thirty ways: $title', async ({ here, there }) => {
    const other = await Other.start();
    const { poller, heard } = listening(backend, here);
    const [first, peer] = pair();
    let socket = first;
    let [sent, received] = ['', ''];
    const more = (text: string): void => {
      say(peer, text);
      sent += text;
    };
    for (let way = 0; way < 15; way++) {
      poller.add(socket, READABLE);
      more(`before ${way};`);
      const before = heard();
      await until('it is polled here', () => heard() > before);
      // Every other time it is read here, too.
      if (way % 2 === 0) received += drain(socket).text;
      more(`detached ${way};`);
      const fd = socket.detach();
      const want = sent.length - received.length + 4;
      await other.take(backend, { fd, hosting: there, want });
      more('more');
      const { text, fd: back } = await other.giveBack();
      received += text;
      socket = closing(Socket.fromFd(back));
    }
    expect(received).toBe(sent);
  });

  it('may be detached inside the batch that has it', async () => {
    const other = await Other.start();
    const poller = backend.poller();
    const [[a, b], [c, d]] = [pair(), pair()];
    for (const socket of [a, c]) poller.add(socket, READABLE);
    for (const socket of [b, d]) say(socket, 'first');
    await until('both are in the batch', () => poller.wait(1000).length === 2);
    const events = poller.wait(1000);
    const fds = [a.detach(), c.detach()];
    expect([...events.flags.slice(0, 2)]).toEqual([0, 0]);
    expect([...events]).toEqual([]);
    for (const fd of fds) {
      await other.take(backend, { fd, want: 5 });
      const back = await other.giveBack();
      expect(back.text).toBe('first');
      closing(Socket.fromFd(back.fd));
    }
    expectNoEvents(poller);
  });

  it.each(waysOf(backend).filter((way) => way !== ''))('may be detached inside the callback, by %s', async (here) => {
    const other = await Other.start();
    const poller = closing(new Poller({ backend: backend.name, hosting: here as HostingKind }));
    const [a, b] = pair();
    poller.add(a, READABLE);
    say(b, 'first');
    let fd = -1;
    let batches = 0;
    poller.start(() => {
      batches++;
      fd = a.detach();
    });
    await until('it is detached', () => fd >= 0);
    await other.take(backend, { fd, hosting: here, want: 11 });
    say(b, 'second');
    const back = await other.giveBack();
    closing(Socket.fromFd(back.fd));
    expect([back.text, batches]).toEqual(['firstsecond', 1]);
  });

  it.each(named)('may be a plain descriptor that was deleted here: $title', async ({ here, there }) => {
    const other = await Other.start();
    const { poller, heard } = listening(backend, here);
    const ends = openPipe();
    poller.add(ends.read, READABLE);
    write(ends.write, bytes('in flight, '));
    let before = 0;
    await until('it is polled here', () => {
      before = heard();
      return before > 0;
    });
    expect(poller.delete(ends.read)).toBe(true);
    await other.take(backend, { fd: ends.read, hosting: there, want: 14, plain: true });
    write(ends.write, bytes('new'));
    expect((await other.giveBack()).text).toBe('in flight, new');
    expect(heard(), 'events here').toBe(before);
  });

  it('may have been the socket of a stream, which is destroyed by it', async () => {
    const other = await Other.start();
    const [a, b] = pair();
    const stream = toDuplex(a);
    const ended = new Promise<unknown>((resolve) => stream.on('error', resolve));
    say(b, 'in flight');
    const fd = a.detach();
    expect(await ended).toMatchObject({ code: 'ERR_FDPOLL_CLOSED' });
    await other.take(backend, { fd, want: 9 });
    const back = await other.giveBack();
    expect(back.text).toBe('in flight');
    const again = closing(Socket.fromFd(back.fd));
    say(again, 'and back');
    expect(drain(b).text).toBe('and back');
  });

  it('and closed there is nobody’s here: its number may be used again', async () => {
    const other = await Other.start();
    const poller = backend.poller<string>();
    const [a, b] = pair();
    poller.add(a, READABLE, { data: 'old' });
    say(b, 'x');
    const fd = a.detach();
    await other.take(backend, { fd, want: 1 });
    const back = await other.giveBack();
    expect(back.fd).toBe(fd);
    expectFdError(() => poller.modify(fd, READABLE), 'ENOENT');
    closing(Socket.fromFd(back.fd)).close();
    const [c, d] = pair();
    poller.add(c, READABLE, { data: 'new' });
    say(d);
    expectEvents(poller, [[c, READABLE]]);
    expect(poller.wait(0).data(0)).toBe('new');
  });
});
