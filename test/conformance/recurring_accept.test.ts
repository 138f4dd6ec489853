import { expect, it } from 'vitest';
import { Poller, READABLE, Socket, Waker, waitFor } from '../../lib/index.ts';
import { type BackendUnderTest, describeEachBackend } from '../support/backends.ts';
import { startFixture } from '../support/children.ts';
import { describeEachDriver } from '../support/driven.ts';
import { expectFdError, waitForFlags } from '../support/expect.ts';
import { addressOf, closing, drain, listen, portOf } from '../support/sockets.ts';
import { startWorker } from '../support/threads.ts';

const linux = process.platform === 'linux';
const CLIENTS = 100;
const WORKERS = 4;
const [WAKES, ACCEPTED, STOP] = [0, 1, 2] as const;

describeEachDriver('a server', (driver) => {
  it('out of descriptors gets EMFILE from accept; nobody is lost and nothing spins', async () => {
    const hosting = driver.driver === 'wait' ? [] : [driver.driver];
    const server = await startFixture('emfile_server.mjs', [driver.name, '200', ...hosting], { descriptors: 64 });
    const port = Number(server.firstLine);
    const clients = Array.from({ length: 200 }, () => closing(Socket.connect(`127.0.0.1:${port}`)));
    const { stdout, code, stderr } = await server.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const report = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, number>;
    expect([report.accepted, report.parked]).toEqual([200, 0]);
    expect(report.refused).toBeGreaterThanOrEqual(3);
    expect(report.refused).toBeLessThan(50);
    expect(report.waits).toBeLessThan(1000);
    const greeted = clients.filter((client) => {
      const poller = new Poller();
      poller.add(client, READABLE);
      waitForFlags(poller, client, READABLE);
      poller.close();
      return drain(client).text === 'ok';
    });
    expect(greeted.length).toBe(200);
  });

  it('with two listeners at one port, by reusePort, gets every connection, and on Linux a share on each', async () => {
    const driven = driver.driven<Socket>();
    const first = closing(Socket.listen('127.0.0.1:0', { reusePort: true }));
    const second = closing(Socket.listen(addressOf(first), { reusePort: true }));
    expect(portOf(second)).toBe(portOf(first));
    for (const listener of [first, second]) driven.poller.add(listener, READABLE, { data: listener });
    const shares = new Map([first, second].map((listener) => [listener, 0]));
    for (let i = 0; i < CLIENTS; i++) closing(Socket.connect(addressOf(first)));
    const total = (): number => [...shares.values()].reduce((sum, share) => sum + share, 0);
    while (total() < CLIENTS)
      await driven.inside((events) => {
        for (const { data } of events)
          for (let socket = data.accept(); socket; socket = data.accept()) {
            shares.set(data, (shares.get(data) ?? 0) + 1);
            socket.close();
          }
      });
    await driven.expectNothing();
    // The kernel picks by a hash of the addresses: that all of them fall to one side has a chance of 1 in 2^99.
    if (linux) for (const share of shares.values()) expect(share).toBeGreaterThan(0);
  });
});

type Way = 'shared' | 'exclusive' | 'reusePort';

/** Connects one client after another; what each of four Workers was woken for and accepted. */
const herd = async (backend: BackendUnderTest, way: Way): Promise<{ wakes: number; accepted: number[] }> => {
  const listener = listen();
  const first = closing(Socket.listen('127.0.0.1:0', { reusePort: true }));
  const address = addressOf(way === 'reusePort' ? first : listener);
  const counts = Array.from({ length: WORKERS }, () => new Int32Array(new SharedArrayBuffer(12)));
  const where = way === 'reusePort' ? { address } : { fd: listener.fd };
  const started = await Promise.all(
    counts.map((own) =>
      startWorker('herd.mjs', { backend: backend.name, ...where, exclusive: way === 'exclusive', counts: own }),
    ),
  );
  first.close();
  for (let i = 0; i < CLIENTS; i++) {
    const client = Socket.connect(address);
    expect(waitFor(client, READABLE, 5000) & READABLE, `client ${i} is greeted`).toBe(READABLE);
    client.close();
  }
  counts.forEach((own, i) => {
    Atomics.store(own, STOP, 1);
    Waker.from(started[i]?.first as number).wake();
  });
  await Promise.all(started.map(({ ended }) => ended));
  const wakes = counts.reduce((sum, own) => sum + Atomics.load(own, WAKES), 0);
  return { wakes, accepted: counts.map((own) => Atomics.load(own, ACCEPTED)) };
};

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

/** What a verbose reporter prints. */
const spread = (wakes: number, accepted: readonly number[]): string =>
  `${(wakes / sum(accepted)).toFixed(2)} wake-ups for a connection, of which each took ${accepted.join(', ')}`;

describeEachBackend('four Workers that accept', (backend) => {
  it('at one listener get each connection once, whoever is woken', async ({ annotate }) => {
    const { wakes, accepted } = await herd(backend, 'shared');
    await annotate(spread(wakes, accepted));
    expect(sum(accepted)).toBe(CLIENTS);
    expect(wakes).toBeGreaterThanOrEqual(CLIENTS);
    expect(wakes).toBeLessThanOrEqual(CLIENTS * WORKERS);
  });

  it('at listeners of their own, by reusePort, get each connection once, and on Linux a share each', async ({
    annotate,
  }) => {
    const { wakes, accepted } = await herd(backend, 'reusePort');
    await annotate(spread(wakes, accepted));
    expect(sum(accepted)).toBe(CLIENTS);
    expect(wakes).toBeGreaterThanOrEqual(CLIENTS);
    if (!linux) return;
    // Nobody is woken for the connection of another.
    expect(wakes).toBe(CLIENTS);
    for (const own of accepted) expect(own).toBeGreaterThan(0);
  });

  it('at one listener by exclusive wake-ups get each connection once, where the backend has them', async ({
    annotate,
  }) => {
    if (backend.differs('exclusive mode')) {
      expectFdError(() => backend.poller().add(listen(), READABLE, { exclusive: true }), 'ENOTSUP');
      return;
    }
    const { wakes, accepted } = await herd(backend, 'exclusive');
    await annotate(spread(wakes, accepted));
    expect(sum(accepted)).toBe(CLIENTS);
    expect(wakes).toBeGreaterThanOrEqual(CLIENTS);
    // How many the kernel spares depends on who sleeps; it never wakes one twice for the same connection.
    expect(wakes).toBeLessThanOrEqual(CLIENTS * WORKERS);
  });
});
