// Scenarios of pollers, on every backend: each gets a poller that lasts, unless opening it is what is tested.
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { addressOf, recvAll, sendAll, soon, waitUntil } from './held.mjs';
import { library } from './library.mjs';

const { constants, Poller, READABLE, Socket, WRITABLE } = library;
const { IN_DONT_FOLLOW, IN_EXCL_UNLINK } = constants;

const withPoller = (held, backend, options = {}) => ({
  backend,
  poller: held.keep(new Poller({ backend, ...options })),
  ends: held.keepAll(Socket.pair()),
});

/** The poller and both ends. An unfinished run may have left something registered, and bytes in the socket. */
const fresh = ({ poller, ends }) => {
  for (const end of ends) {
    if (!poller.closed) poller.delete(end);
    while (end.recv(Buffer.alloc(100)) > 0);
  }
  return [poller, ...ends];
};

/** The flags of the next batch that has something of the descriptor. */
const flagsOf = (poller, socket) =>
  waitUntil(poller, (events) => {
    for (const event of events) if (event.fd === socket.fd) return event.flags;
    return undefined;
  });

const told = (poller, source) =>
  waitUntil(poller, (events) => {
    for (const event of events) if (event.source === source) return true;
    return undefined;
  });

/** Collects from a started poller until `happened(events)` gives something. */
const hosted = async (poller, prepare, happened) => {
  try {
    return await new Promise((resolve, reject) => {
      poller.start((events) => {
        try {
          const result = happened(events);
          if (result !== undefined) resolve(result);
        } catch (error) {
          reject(error);
        }
      });
      prepare();
    });
  } finally {
    poller.stop();
  }
};

const isClosed = ({ poller }) => poller.closed;

export const pollerScenarios = [
  {
    name: 'opening and closing',
    setup: (_, backend) => ({ backend }),
    run: ({ backend }, held) => {
      const poller = held.keep(new Poller({ backend }));
      const woken = poller.waker.wake();
      const batch = waitUntil(poller, (events) => events.woken || undefined);
      return [woken, batch, poller.size];
    },
  },
  {
    name: 'registering',
    setup: withPoller,
    run: (context) => {
      const [poller, a, b] = fresh(context);
      poller.add(a, READABLE | WRITABLE, { data: 1 });
      const writable = flagsOf(poller, a);
      poller.modify(a, READABLE);
      sendAll(b, 'x');
      const readable = flagsOf(poller, a);
      poller.modify(a, 0);
      const parked = poller.wait(0).length;
      poller.modify(a, READABLE, { mode: 'oneshot' });
      const once = [flagsOf(poller, a), poller.wait(0).length];
      poller.modify(a, READABLE, { mode: 'oneshot' });
      const again = flagsOf(poller, a);
      poller.add(b, 0);
      const sizes = [poller.size, poller.delete(a), poller.delete(b), poller.size];
      return [writable, readable, parked, once, again, recvAll(a, 1), sizes];
    },
  },
  {
    name: 'opening with a large batch',
    setup: (held, backend) => ({ backend, ends: held.keepAll(Socket.pair()) }),
    run: ({ backend, ends: [a, b] }, held) => {
      const poller = held.keep(new Poller({ backend, maxEvents: 65_536 }));
      while (a.recv(Buffer.alloc(100)) > 0);
      poller.add(a, READABLE);
      sendAll(b, 'x');
      return [flagsOf(poller, a), poller.waker.wake(), recvAll(a, 1)];
    },
  },
  {
    name: 'waiting for a time',
    setup: withPoller,
    run: ({ poller }) => {
      const begun = performance.now();
      const { length } = poller.wait(2);
      return [length, performance.now() - begun >= 2];
    },
  },
  {
    name: 'batches of streams',
    setup: withPoller,
    run: (context) => {
      const [poller, a, b] = fresh(context);
      poller.add(a, READABLE);
      sendAll(b, 'echo');
      const slab = Buffer.alloc(1000);
      let [heard, error] = ['', 0];
      for (let turn = 0; turn < 10 && heard.length < 4; turn++) {
        const events = poller.wait(100);
        if (events.receive(slab, 100) === 0) continue;
        const length = events.lengths[0];
        // An error is a value there, and the connection is as it was.
        if (length < -1) error = length;
        if (length < 1) continue;
        heard += slab.toString('utf8', events.offsets[0], events.offsets[0] + length);
        events.send(slab);
        if (events.sent[0] < length) sendAll(a, slab.subarray(Math.max(0, events.sent[0]), length));
      }
      poller.delete(a);
      return [heard, recvAll(b, 4), error <= 0];
    },
  },
  {
    name: 'timers',
    setup: withPoller,
    run: ({ poller }, held) => {
      const timer = held.keep(poller.addTimer(1, { every: 1 }));
      told(poller, timer);
      timer.set(0, 0);
      told(poller, timer);
      const { fd } = poller;
      const last = held.keep(poller.addTimer(1));
      if (fd >= 0) library.waitFor(fd, READABLE, 500);
      told(poller, last);
      return [timer.closed, last.closed];
    },
  },
  {
    name: 'signals',
    setup: withPoller,
    run: ({ poller }, held) => {
      const first = held.keep(poller.addSignal('SIGUSR2'));
      const second = held.keep(poller.addSignal('SIGUSR2'));
      process.kill(process.pid, 'SIGUSR2');
      const heard = new Set();
      waitUntil(poller, (events) => {
        for (const event of events) heard.add(event.source);
        return heard.size === 2 ? true : undefined;
      });
      return [first.closed, second.closed];
    },
  },
  {
    name: 'the end of a process',
    // Nobody waits for it before the event loop turns.
    setup: (held, backend) => {
      const child = spawn('true', { stdio: 'ignore' });
      const ended = new Promise((resolve) => child.once('exit', resolve));
      return { ...withPoller(held, backend), child, ended };
    },
    run: ({ poller, child }, held) => {
      const ended = held.keep(poller.addProcess(child.pid));
      told(poller, ended);
      return [ended.exitCode, ended.closed];
    },
    teardown: ({ ended }) => ended,
  },
  {
    name: 'watches',
    // A Worker has no working directory to change.
    inWorkers: false,
    setup: (held, backend) => {
      const path = mkdtempSync(join(tmpdir(), 'fdpoll-faults-'));
      held.after(() => rmSync(path, { recursive: true, force: true }));
      return { ...withPoller(held, backend), path };
    },
    run: ({ poller, path }, held) => {
      rmSync(join(path, 'd'), { recursive: true, force: true });
      mkdirSync(join(path, 'd'));
      const file = join(path, 'd/file');
      writeFileSync(file, 'one');
      const watch = held.keep(poller.addWatch(join(path, 'd')));
      const before = process.cwd();
      process.chdir(path);
      let its;
      try {
        its = held.keep(poller.addWatch('d/file', { mask: IN_EXCL_UNLINK | IN_DONT_FOLLOW }));
      } finally {
        process.chdir(before);
      }
      writeFileSync(`${file}.new`, 'two');
      const created = waitUntil(poller, (events) => {
        for (const event of events) if (event.source === watch) return watch.changes[0];
        return undefined;
      });
      renameSync(`${file}.new`, file);
      waitUntil(poller, () => its.closed || undefined);
      return [created.kind, created.name, basename(its.path)];
    },
  },
  {
    name: 'a descriptor that was closed behind its back',
    setup: withPoller,
    run: (context, held) => {
      const [poller, a, b] = fresh(context);
      poller.add(a, READABLE);
      const [near, far] = held.keepAll(Socket.pair());
      const fd = library.dup(near);
      try {
        poller.add(fd, READABLE);
        sendAll(far, 'x');
      } finally {
        // Its open file lives on in `near`, so the kernel goes on reporting a number that is nobody's.
        closeSync(fd);
      }
      poller.delete(fd);
      sendAll(b, 'y');
      const flags = flagsOf(poller, a);
      // By now it has been told of nobody, and waits with another set.
      return [flags, flagsOf(poller, a), recvAll(a, 1), poller.delete(a)];
    },
  },
  ...['loop', 'thread'].flatMap((hosting) => [
    {
      name: `hosted (${hosting})`,
      hosting,
      setup: (held, backend) => withPoller(held, backend, { hosting }),
      run: async (context) => {
        const [poller, a, b] = fresh(context);
        poller.add(a, READABLE, { mode: hosting === 'loop' ? 'edge' : 'level' });
        return await hosted(
          poller,
          () => sendAll(b, 'x'),
          (events) => {
            for (const event of events) if (event.fd === a.fd) return [event.flags, recvAll(a, 1), poller.delete(a)];
            return undefined;
          },
        );
      },
      closed: isClosed,
    },
    {
      name: `hosted (${hosting}), with timers and a waker`,
      hosting,
      setup: (held, backend) => withPoller(held, backend, { hosting }),
      run: async ({ poller }, held) => {
        const heard = new Set();
        return await hosted(
          poller,
          () => {
            held.keep(poller.addTimer(1, { data: 'late' }));
            held.keep(poller.addTimer(0, { data: 'soon' }));
            poller.waker.wake();
          },
          (events) => {
            for (const event of events) heard.add(event.data);
            if (events.woken) heard.add('woken');
            return heard.size === 3 ? [...heard].sort() : undefined;
          },
        );
      },
      closed: isClosed,
    },
    {
      name: `iterated (${hosting})`,
      hosting,
      setup: (held, backend) => withPoller(held, backend, { hosting }),
      run: async (context) => {
        const [poller, a, b] = fresh(context);
        poller.add(a, READABLE);
        sendAll(b, 'xy');
        let heard = '';
        for await (const events of poller) {
          for (const event of events) if (event.fd === a.fd) heard += recvAll(a, 1);
          if (heard.length === 2) break;
        }
        return [heard, poller.delete(a)];
      },
      closed: isClosed,
    },
    {
      name: `a stream of a socket (${hosting})`,
      hosting,
      setup: (held, backend) => withPoller(held, backend, { hosting }),
      run: ({ poller }, held) => {
        const listener = held.keep(Socket.listen('127.0.0.1:0'));
        const client = held.keep(Socket.connect(addressOf(listener)));
        const server = held.keep(soon(listener, READABLE, () => listener.accept()));
        const far = library.toDuplex(server, { poller });
        held.after(() => far.destroy());
        const near = library.toDuplex(client, { poller });
        held.after(() => near.destroy());
        return new Promise((resolve, reject) => {
          near.on('error', reject);
          far.on('error', reject);
          far.on('data', (chunk) => far.write(chunk));
          let heard = '';
          near.on('data', (chunk) => {
            heard += chunk;
          });
          near.on('end', () => resolve([heard, near.bytesWritten]));
          near.write('hel');
          near.end('lo');
        });
      },
      closed: isClosed,
      // The kernel says so of a connection that is gone, which the other half of the stream hears of; here it is not.
      without: { shutdown: ['ENOTCONN'] },
    },
  ]),
];
