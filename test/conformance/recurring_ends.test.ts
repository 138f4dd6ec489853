import { expect, it } from 'vitest';
import { ERROR, READ_CLOSED, READABLE, Socket, WRITABLE, WRITE_CLOSED } from '../../lib/index.ts';
import { type Driven, type DriverUnderTest, describeEachDriver, expectTold } from '../support/driven.ts';
import { expectFdError, flagNames } from '../support/expect.ts';
import { cpuOf } from '../support/hosted.ts';
import { addressOf, closing, connection, drain, fill, openPipe, pair, reset, say } from '../support/sockets.ts';

/** The next event of this descriptor has these flags, as far as the backend sees them, and READ_CLOSED maybe later. */
const expectEnd = async (
  driver: DriverUnderTest,
  driven: Driven<unknown>,
  socket: Socket,
  flags: number,
): Promise<void> => {
  const late = driver.differs('prompt read-closed flag') ? READ_CLOSED : 0;
  const told = async (): Promise<number> => {
    const [event] = await driven.next();
    expect(event?.fd).toBe(socket.fd);
    return (event?.flags ?? 0) & ~late;
  };
  const expected = driver.sees(flags) & ~late;
  let seen = await told();
  if (seen !== expected && driver.differs('both directions in one batch of a running wait')) seen |= await told();
  expect(flagNames(seen)).toBe(flagNames(expected));
};

/** The first event with all these flags; there may be others before, as what happened comes in. */
const untilFlags = async (driven: Driven<unknown>, socket: Socket, flags: number): Promise<number> => {
  for (let batch = 0; batch < 1000; batch++)
    for (const event of await driven.next())
      if (event.fd === socket.fd && (event.flags & flags) === flags) return event.flags;
  return expect.fail(`no event with ${flagNames(flags)}`);
};

describeEachDriver('the end of a connection', (driver) => {
  it.each(['tcp', 'unix'] as const)('is read-closed alone when the peer shuts down its writing: %s', async (kind) => {
    const driven = driver.driven();
    const [peer, socket] = kind === 'tcp' ? connection() : pair();
    driven.poller.add(socket, READABLE | WRITABLE);
    await expectTold(driven, [socket, WRITABLE]);
    driven.poller.modify(socket, 0);
    await driven.expectNothing();
    peer.shutdown('write');
    driven.poller.modify(socket, READABLE | WRITABLE);
    const unseen = driver.differs('half-close flag') ? READ_CLOSED : 0;
    await expectEnd(driver, driven, socket, (READABLE | WRITABLE | READ_CLOSED) & ~unseen);
    expect(drain(socket)).toEqual({ text: '', ended: true });
    say(socket, 'the other way');
    expect(drain(peer).text).toBe('the other way');
  });

  it('says nothing of a half-closed peer to who asks for WRITABLE alone, and does not spin', async () => {
    const driven = driver.driven();
    const [peer, socket] = connection();
    fill(socket);
    driven.poller.add(socket, WRITABLE);
    await driven.expectNothing();
    peer.shutdown('write');
    expect(await cpuOf(() => driven.expectNothing(200)), 'ms of CPU in 200 ms').toBeLessThan(100);
    const draining = setInterval(() => drain(peer), 1);
    drain(peer);
    expect(flagNames(await untilFlags(driven, socket, WRITABLE))).toBe('WRITABLE');
    clearInterval(draining);
  });

  it('is read-closed and write-closed after the peer has disconnected', async () => {
    const driven = driver.driven();
    const [a, b] = pair();
    driven.poller.add(a, READABLE);
    await driven.expectNothing();
    b.close();
    await expectEnd(driver, driven, a, READABLE | READ_CLOSED);
    driven.poller.modify(a, READABLE | WRITABLE);
    const all = READABLE | WRITABLE | READ_CLOSED | WRITE_CLOSED;
    expect(flagNames(await untilFlags(driven, a, driver.sees(all)))).toBe(flagNames(driver.sees(all)));
    driven.poller.modify(a, WRITABLE);
    await expectTold(driven, [a, driver.sees(WRITABLE | WRITE_CLOSED)]);
  });

  const lost = driver.differs('socket errors after the event');
  it('is an error when the peer lingers for 0 seconds: ECONNRESET, then the end', async () => {
    const driven = driver.driven();
    const [peer, socket] = connection();
    driven.poller.add(socket, READABLE);
    await driven.expectNothing();
    peer.setOption('SO_LINGER', { on: true, seconds: 0 });
    peer.close();
    const told = await untilFlags(driven, socket, READABLE);
    if (!lost) expect(told & ERROR).toBe(driver.sees(ERROR));
    driven.poller.modify(socket, READABLE | WRITABLE);
    const all = driver.sees(READABLE | WRITABLE | READ_CLOSED | WRITE_CLOSED | (lost ? 0 : ERROR));
    expect(flagNames((await untilFlags(driven, socket, all)) & ~(lost ? ERROR : 0))).toBe(flagNames(all));
    if (!lost) expectFdError(() => socket.recv(Buffer.alloc(8)), 'ECONNRESET');
    expect(socket.recv(Buffer.alloc(8))).toBe(0);
  });

  it.each([0, 1, 4096, 300_000])('comes after exactly %d bytes, one recv at each event', async (count) => {
    for (const [peer, socket] of [connection(), pair()]) {
      const driven = driver.driven();
      const [block, buffer] = [Buffer.alloc(count, 'n'), Buffer.alloc(10_000)];
      let [sent, received, last, ended] = [0, 0, 0, false];
      driven.poller.add(socket, READABLE);
      while (!ended) {
        if (sent < count) sent += Math.max(0, peer.send(block, sent));
        if (sent === count && !peer.closed) peer.close();
        await driven.inside((events) => {
          expect(events.length).toBe(1);
          last = events.flags[0] ?? 0;
          const n = socket.recv(buffer);
          ended = n === 0;
          received += Math.max(0, n);
        });
      }
      expect(received).toBe(count);
      expect(last & (READABLE | READ_CLOSED)).toBe(READABLE | (driver.differs('half-close flag') ? 0 : READ_CLOSED));
      driven.poller.close();
    }
  });

  it('waits for who is paused: nothing in between, then the data, then the end', async () => {
    const driven = driver.driven();
    const [peer, socket] = connection();
    driven.poller.add(socket, READABLE);
    await driven.expectNothing();
    driven.poller.modify(socket, 0);
    say(peer, 'before the end');
    peer.close();
    expect(await cpuOf(() => driven.expectNothing(200)), 'ms of CPU in 200 ms').toBeLessThan(100);
    driven.poller.modify(socket, READABLE);
    const buffer = Buffer.alloc(6);
    const got: string[] = [];
    for (let n = -1; n !== 0; )
      await driven.inside(() => {
        n = socket.recv(buffer);
        if (n > 0) got.push(buffer.toString('latin1', 0, n));
      });
    expect(got).toEqual(['before', ' the e', 'nd']);
  });

  it('is no event and takes no time where nothing is asked for', async () => {
    const driven = driver.driven();
    const [client, server] = connection();
    const [[a, b], [c, d], { read, write, end }] = [pair(), pair(), openPipe()];
    for (const descriptor of [server, a, read]) driven.poller.add(descriptor, 0);
    // Level and one-shot that were watched before.
    driven.poller.add(c, READABLE, { mode: 'oneshot' });
    say(d);
    await expectTold(driven, [c, READABLE]);
    reset(client, server);
    for (const peer of [b, d]) peer.close();
    end(write);
    expect(await cpuOf(() => driven.expectNothing(200)), 'ms of CPU in 200 ms').toBeLessThan(100);
    expect(driven.poller.size).toBe(4);
    driven.poller.modify(a, READABLE);
    await untilFlags(driven, a, driver.sees(READABLE | READ_CLOSED));
    expect(drain(a).ended).toBe(true);
  });

  it('is not an empty datagram, which is readable and 0 bytes', async () => {
    const driven = driver.driven();
    const receiver = closing(Socket.listen('127.0.0.1:0', { type: 'dgram' }));
    const sender = closing(new Socket('inet', 'dgram'));
    sender.connect(addressOf(receiver));
    driven.poller.add(receiver, READABLE);
    await driven.expectNothing();
    for (let round = 0; round < 2; round++) {
      expect(sender.send(Buffer.alloc(0))).toBe(0);
      await expectTold(driven, [receiver, READABLE]);
      expect(receiver.recv(Buffer.alloc(8))).toBe(0);
      await driven.expectNothing();
    }
    say(sender, 'more');
    await expectTold(driven, [receiver, READABLE]);
    expect(drain(receiver).text).toBe('more');
  });
});
