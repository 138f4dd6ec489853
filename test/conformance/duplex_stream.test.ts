import { once } from 'node:events';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { expect, it } from 'vitest';
import { ready, Socket, WRITABLE } from '../../lib/index.ts';
import { all, closed, errorOf, eventsOf, expectEnd, pattern, receive, streamOf, streams } from '../support/duplex.ts';
import { describeEachHosting, pause, until } from '../support/hosted.ts';
import { addressOf, connection, drain, listen, reset } from '../support/sockets.ts';

describeEachHosting('a stream of a socket', (host) => {
  it('holds back who writes to a slow reader, and loses nothing', async () => {
    const [a, b] = streams({ poller: host.poller() });
    const data = pattern(8_000_000);
    let [refused, drains] = [0, 0];
    const writing = (async () => {
      for (let at = 0; at < data.length; at += 100_000) {
        if (a.write(data.subarray(at, at + 100_000))) continue;
        refused++;
        await once(a, 'drain');
        drains++;
      }
      a.end();
    })();
    const chunks: Buffer[] = [];
    const slow = new Writable({
      highWaterMark: 1,
      write(chunk: Buffer, _encoding, callback) {
        chunks.push(chunk);
        setImmediate(callback);
      },
    });
    await Promise.all([pipeline(b, slow, { end: true }), writing]);
    expect(Buffer.concat(chunks).equals(data)).toBe(true);
    expect(drains).toBe(refused);
    expect(refused).toBeGreaterThan(0);
  });

  it('reads nothing more while nobody takes it', async () => {
    const [a, b] = streams({ poller: host.poller() });
    b.pause();
    const written = new Promise((resolve) => a.write(pattern(16_000_000), resolve));
    expect(await Promise.race([written, pause(100)]), 'it is held back').toBeUndefined();
    expect(b.bytesRead).toBeLessThan(200_000);
    const data = all(b);
    a.end();
    expect((await data).length).toBe(16_000_000);
    await written;
  });

  it('carries both directions at once', async () => {
    const [a, b] = streams({ poller: host.poller(), allowHalfOpen: true }, 'unix');
    const [one, two] = [pattern(3_000_000), pattern(2_000_000)];
    a.end(one);
    b.end(two);
    const [atA, atB] = await Promise.all([all(a), all(b)]);
    expect(atB.equals(one)).toBe(true);
    expect(atA.equals(two)).toBe(true);
    await Promise.all([a, b].map(closed));
  });

  it('closes each direction by itself', async () => {
    const [client, server] = connection();
    const stream = streamOf(server, { poller: host.poller(), allowHalfOpen: true });
    client.shutdown('write');
    stream.resume();
    await once(stream, 'end');
    stream.write('after the end');
    expect((await receive(client, 13)).toString()).toBe('after the end');
    stream.end();
    await expectEnd(client);
    await closed(stream);
  });

  it('connects, or says why not', async () => {
    const poller = host.poller();
    const listener = listen();
    const stream = streamOf(Socket.connect(addressOf(listener)), { poller });
    await once(stream, 'connect');
    stream.destroy();
    const address = addressOf(listener);
    listener.close();
    const refused = streamOf(Socket.connect(address), { poller });
    // A backend that takes the error for itself leaves that it is not connected.
    const code = host.differs('socket errors after the event') ? 'ENOTCONN' : 'ECONNREFUSED';
    expect((await errorOf(refused)).code).toBe(code);
  });

  const lost = host.differs('socket errors after the event');
  it(lost ? `closes when the peer resets: ${lost}` : 'says ECONNRESET, then closes, when the peer resets', async () => {
    const [client, server] = connection();
    const stream = streamOf(server, { poller: host.poller() });
    const seen = eventsOf(stream);
    stream.resume();
    if (lost) {
      reset(client, server);
      await closed(stream);
      expect(seen).not.toContain('error');
      return;
    }
    const error = errorOf(stream);
    reset(client, server);
    expect(['ECONNRESET', 'EPIPE']).toContain((await error).code);
    await closed(stream);
    expect(seen).toEqual(['error', 'close']);
  });

  it('closes at once when it is destroyed while it writes', async () => {
    const [client, server] = connection();
    const stream = streamOf(server, { poller: host.poller() });
    const result = new Promise((resolve) => stream.write(pattern(8_000_000), resolve));
    await pause(1);
    stream.destroy();
    expect(await result).toMatchObject({ code: 'ERR_STREAM_DESTROYED' });
    await until('the peer hears it', () => drain(client).ended);
  });

  it('is destroyed by its own listeners, while others go on', async () => {
    const poller = host.poller();
    const [a, b] = streams({ poller }, 'unix');
    const [c, d] = streams({ poller }, 'unix');
    const heard: string[] = [];
    // What was not read when it was closed resets the connection.
    for (const stream of [a, c]) stream.on('error', () => {});
    for (const [name, stream, other] of [['b', b, d] as const, ['d', d, b] as const])
      stream.on('data', () => {
        heard.push(name);
        other.destroy();
      });
    a.write('x');
    c.write('x');
    await until('one of the two heard it', () => heard.length > 0);
    await pause(10);
    expect(heard, 'and destroyed the other').toHaveLength(1);
  });

  it('is destroyed when it needs a poller that is closed', async () => {
    const poller = host.poller();
    const [a, b] = streams({ poller }, 'unix');
    poller.close();
    a.write('this still goes');
    const error = errorOf(a);
    const result = new Promise((resolve) => a.write(pattern(8_000_000), resolve));
    expect((await error).code).toBe('ERR_FDPOLL_CLOSED');
    expect(await result).toBe(await error);
    await closed(a);
    b.destroy();
    await closed(b);
  });

  it('leaves its poller to who made it', async () => {
    const poller = host.poller();
    const [a, b] = streams({ poller }, 'unix');
    expect(poller.size).toBe(2);
    a.destroy();
    b.destroy();
    expect(poller.size).toBe(0);
    const [client] = connection();
    poller.add(client, WRITABLE);
    expect(poller.wait(1000).length).toBe(1);
    expect(await ready(client, WRITABLE), 'beside another poller').toBe(WRITABLE);
  });
});
