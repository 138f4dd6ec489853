import { AsyncLocalStorage } from 'node:async_hooks';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { close, READABLE, Socket, toDuplex, waitFor } from '../lib/index.ts';
import { checkDescriptorsAfterEachTest } from './support/descriptors.ts';
import {
  all,
  closed,
  errorOf,
  eventsOf,
  expectEnd,
  pattern,
  receive,
  streamAndPeer,
  streamOf,
  streams,
  take,
} from './support/duplex.ts';
import { collectUncaught, pause, until } from './support/hosted.ts';
import { addressOf, bytes, closing, connection, drain, fill, listen, pair, reset, say } from './support/sockets.ts';

describe('the stream of a socket', () => {
  checkDescriptorsAfterEachTest();

  it('reads what the peer sends, and ends when it ends', async () => {
    const [stream, peer] = streamAndPeer();
    say(peer, 'first');
    expect((await take(stream, 5)).toString()).toBe('first');
    say(peer, 'last');
    peer.close();
    expect((await all(stream)).toString()).toBe('last');
    expect(stream.bytesRead).toBe(9);
  });

  it('writes strings in any encoding, bytes, and several at once', async () => {
    const [stream, peer] = streamAndPeer();
    stream.write('grüße ');
    stream.write('ff00', 'hex');
    stream.write(new Uint8Array([1, 2]));
    stream.cork();
    for (const word of ['é', bytes('b'), '']) stream.write(word, 'latin1');
    stream.write('x'.repeat(30_000));
    stream.uncork();
    const expected = Buffer.concat([
      bytes('grüße '),
      Buffer.from([0xff, 0, 1, 2, 0xe9]),
      bytes(`b${'x'.repeat(30_000)}`),
    ]);
    expect((await receive(peer, expected.length)).equals(expected)).toBe(true);
    expect(stream.bytesWritten).toBe(expected.length);
  });

  it('goes on with what the socket had no room for, in order', async () => {
    const [stream, peer] = streamAndPeer();
    const data = pattern(6_000_000);
    stream.cork();
    for (let at = 0; at < data.length; at += 300_000) stream.write(data.subarray(at, at + 300_000));
    stream.uncork();
    stream.write('the end, in a string'.repeat(10_000));
    const written = new Promise((resolve) => stream.write('.', resolve));
    expect((await receive(peer, data.length)).equals(data)).toBe(true);
    expect((await receive(peer, 200_001)).toString()).toBe(`${'the end, in a string'.repeat(10_000)}.`);
    await written;
    expect(stream.writableLength).toBe(0);
  });

  it('stops reading when nobody takes, and goes on when somebody does', async () => {
    const [stream, peer] = streamAndPeer({ highWaterMark: 1000 });
    stream.on('data', () => {}).pause();
    let sent = 0;
    for (let quiet = 0; quiet < 20; quiet++) {
      const before = sent;
      sent += fill(peer);
      if (sent > before) quiet = 0;
      await pause(1);
    }
    expect(stream.readableLength).toBeLessThan(1000 + 65536 + 1);
    stream.removeAllListeners('data');
    expect((await take(stream, sent)).length).toBe(sent);
  });

  it('is not woken up while it is paused', async () => {
    const [stream, peer] = streamAndPeer({ highWaterMark: 10 });
    stream.pause();
    fill(peer);
    await until('it is full', () => stream.readableLength > 0);
    await pause(10);
    const { readableLength } = stream;
    const { user, system } = process.cpuUsage();
    await pause(200);
    const used = process.cpuUsage();
    expect(stream.readableLength).toBe(readableLength);
    expect((used.user - user + used.system - system) / 1000, 'ms of CPU').toBeLessThan(100);
  });

  it('ends its own direction alone with allowHalfOpen, and both without', async () => {
    const [open, first] = streamAndPeer({ allowHalfOpen: true });
    first.shutdown('write');
    open.resume();
    await once(open, 'end');
    expect(open.writable).toBe(true);
    open.end('still there');
    expect((await receive(first, 11)).toString()).toBe('still there');
    await expectEnd(first);
    await closed(open);

    const [shut, second] = streamAndPeer();
    second.shutdown('write');
    shut.resume();
    await closed(shut);
    expect(shut.writableFinished).toBe(true);
    await expectEnd(second);
  });

  it('reads on after it has ended its own direction', async () => {
    const [stream, peer] = streamAndPeer();
    stream.end('request');
    expect((await receive(peer, 7)).toString()).toBe('request');
    await expectEnd(peer);
    say(peer, 'answer');
    peer.close();
    expect((await all(stream)).toString()).toBe('answer');
    await closed(stream);
  });

  it('sends all before it ends', async () => {
    const [stream, peer] = streamAndPeer();
    const data = pattern(4_000_000);
    stream.end(data);
    expect((await receive(peer, data.length)).equals(data)).toBe(true);
    await expectEnd(peer);
  });

  it('connects: writes and ends from before go when it is there', async () => {
    const listener = listen();
    const stream = streamOf(Socket.connect(addressOf(listener)));
    const seen = eventsOf(stream);
    stream.write('early ');
    stream.end('bird');
    expect(seen).toEqual([]);
    waitFor(listener, READABLE, 2000);
    const peer = closing(listener.accept() as Socket);
    expect((await receive(peer, 10)).toString()).toBe('early bird');
    await expectEnd(peer);
    peer.close();
    stream.resume();
    await closed(stream);
    expect(seen).toEqual(['connect', 'ready', 'finish', 'end', 'close']);
    expect(stream.connecting).toBe(false);
  });

  it('says ECONNREFUSED when nobody listens, once, and then closes', async () => {
    const listener = listen();
    const address = addressOf(listener);
    listener.close();
    const stream = streamOf(Socket.connect(address));
    const seen = eventsOf(stream);
    expect(stream.connecting).toBe(true);
    const written = new Promise((resolve) => stream.write('lost', resolve));
    const error = await errorOf(stream);
    expect(error).toMatchObject({ code: 'ECONNREFUSED', syscall: 'connect' });
    expect(await written).toBe(error);
    await closed(stream);
    expect(seen).toEqual(['error', 'close']);
  });

  it('says ENOTCONN for a socket that nobody connected', async () => {
    const stream = streamOf(closing(new Socket('inet', 'stream')));
    expect((await errorOf(stream)).code).toBe('ENOTCONN');
  });

  it('says ECONNRESET, and then closes, when the peer resets', async () => {
    const [client, server] = connection();
    const stream = streamOf(client);
    const seen = eventsOf(stream);
    stream.resume();
    const error = errorOf(stream);
    reset(server, client);
    expect(await error).toMatchObject({ code: 'ECONNRESET' });
    await closed(stream);
    expect(seen).toEqual(['error', 'close']);
  });

  it('says EPIPE or ECONNRESET to who writes to a peer that is gone', async () => {
    const [stream, peer] = streams({ allowHalfOpen: true }, 'unix');
    peer.destroy();
    await closed(peer);
    const error = errorOf(stream);
    const result = new Promise((resolve) => stream.write('x', resolve));
    expect(['EPIPE', 'ECONNRESET']).toContain((await error).code);
    expect(await result).toBe(await error);
    await closed(stream);
  });

  it('closes when it is destroyed: at once, with the error, once, also while it writes', async () => {
    const [stream, peer] = streamAndPeer();
    const seen = eventsOf(stream);
    const results: unknown[] = [];
    stream.write(pattern(8_000_000), (error) => results.push(error));
    stream.write('queued', (error) => results.push(error));
    await pause(1);
    const reason = new Error('mine');
    stream.destroy(reason);
    stream.destroy(new Error('too late'));
    await closed(stream);
    expect(seen).toEqual(['error', 'close']);
    expect(results).toHaveLength(2);
    expect(results[0]).toBe(reason);
    await until('the end', () => drain(peer).ended);
    expect(
      stream.write('x', () => {}),
      'a write after that',
    ).toBe(false);
    expect(seen, 'is no second error').toEqual(['error', 'close']);
  });

  it('resets the connection when it is asked to', async () => {
    const [a, b] = streams();
    b.resume();
    const error = errorOf(b);
    a.resetAndDestroy();
    expect((await error).code).toBe('ECONNRESET');
    await closed(a);
  });

  it('is destroyed when its socket is closed or given away', async () => {
    const [a, b] = pair();
    const [first, second] = [streamOf(a), streamOf(b)];
    const errors = Promise.all([errorOf(first), errorOf(second)]);
    a.close();
    close(b.detach());
    for (const { code } of await errors) expect(code).toBe('ERR_FDPOLL_CLOSED');
  });

  it('leaves the errors of listeners to the user, and reads on', async () => {
    const uncaught = collectUncaught();
    const [stream, peer] = streamAndPeer();
    let text = '';
    stream.on('data', (chunk: Buffer) => {
      text += chunk;
      throw new Error(`at ${chunk}`);
    });
    say(peer, 'one');
    await until('the first error', () => uncaught.length === 1);
    say(peer, 'two');
    await until('the second error', () => uncaught.length === 2);
    expect(text).toBe('onetwo');
    expect(uncaught.map(String)).toEqual(['Error: at one', 'Error: at two']);
    expect(stream.destroyed).toBe(false);
  });

  it('runs its listeners in the context where it was made', async () => {
    const storage = new AsyncLocalStorage<string>();
    const made = ['one', 'two'].map((name) => storage.run(name, () => streamAndPeer()));
    const seen = made.map(([stream]) => new Promise((resolve) => stream.on('data', () => resolve(storage.getStore()))));
    for (const [, peer] of made) say(peer);
    expect(await Promise.all(seen)).toEqual(['one', 'two']);
  });

  it('owns the socket: closes it when it is destroyed', async () => {
    const [a, b] = pair();
    const stream = toDuplex(a);
    stream.destroy();
    expect(a.closed).toBe(true);
    await closed(stream);
    expect(drain(b).ended).toBe(true);
  });

  it('takes no time of others: a fast peer is read in portions', async () => {
    const [stream, peer] = streamAndPeer();
    const other = streamAndPeer();
    const order: string[] = [];
    stream.on('data', () => order.push('fast'));
    other[0].on('data', () => order.push('other'));
    const data = pattern(65536);
    for (let i = 0; i < 200; i++) {
      if (peer.send(data) < 0) await pause(0);
      if (i === 100) say(other[1]);
    }
    await until('both were heard', () => order.includes('other') && order.includes('fast'));
  });

  it('owns no listener of others: a thousand turns leave none', async () => {
    const [a, b] = streams({}, 'unix');
    a.on('data', (chunk) => a.write(chunk));
    const before = a.eventNames().map((name) => [name, a.listenerCount(name)]);
    for (let i = 0; i < 1000; i++) {
      b.write('x');
      await once(b, 'data');
    }
    b.pause();
    expect(a.eventNames().map((name) => [name, a.listenerCount(name)])).toEqual(before);
  });
});
