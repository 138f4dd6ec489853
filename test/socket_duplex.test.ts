import { once } from 'node:events';
import net from 'node:net';
import { describe, expect, it } from 'vitest';
import { Socket } from '../lib/index.ts';
import { checkDescriptorsAfterEachTest } from './support/descriptors.ts';
import { closed, pattern, receive, streamAndPeer, streamOf, streams } from './support/duplex.ts';
import { expectOutOfRange, expectWrongType } from './support/expect.ts';
import { pause } from './support/hosted.ts';
import { acceptOne, addressOf, connection, listen, portOf, say } from './support/sockets.ts';

describe('what a stream of a socket has from net.Socket', () => {
  checkDescriptorsAfterEachTest();

  it.each([
    ['127.0.0.1:0', '127.0.0.1', 'IPv4'],
    ['[::1]:0', '::1', 'IPv6'],
  ])('are the addresses of both ends, on %s', async (address, host, family) => {
    const listener = listen(address);
    const client = streamOf(Socket.connect(addressOf(listener)));
    const server = streamOf(acceptOne(listener));
    const port = portOf(listener);
    expect(client).toMatchObject({ remoteAddress: host, remotePort: port, remoteFamily: family, localAddress: host });
    expect(server).toMatchObject({ localAddress: host, localPort: port, localFamily: family });
    expect(client.localPort).toBe(server.remotePort);
    expect(server.address()).toEqual({ address: host, family, port });
    server.destroy();
    expect(server.remotePort, 'as it was read').toBe(client.localPort);
  });

  it('are no addresses on unix sockets', () => {
    const [a] = streams({}, 'unix');
    expect([a.remoteAddress, a.remotePort, a.remoteFamily, a.localAddress, a.localPort, a.localFamily]).toEqual(
      Array(6).fill(undefined),
    );
    expect(a.address()).toEqual({});
    expect(a.setNoDelay().setKeepAlive(true, 1000)).toBe(a);
  });

  it('is its state', async () => {
    const listener = listen();
    const stream = streamOf(Socket.connect(addressOf(listener)), { allowHalfOpen: true });
    expect(stream).toMatchObject({ connecting: true, pending: true, readyState: 'opening' });
    await once(stream, 'connect');
    expect(stream).toMatchObject({ connecting: false, pending: false, readyState: 'open' });
    const peer = acceptOne(listener);
    peer.shutdown('write');
    stream.resume();
    await once(stream, 'end');
    expect(stream.readyState).toBe('writeOnly');
    stream.destroy();
    expect(stream).toMatchObject({ pending: true, readyState: 'closed' });
    const [, other] = streams();
    other.end();
    expect(other.readyState).toBe('readOnly');
  });

  it('is setTimeout: once for each quiet, put off by what is read and written', async () => {
    const [stream, peer] = streamAndPeer();
    stream.resume();
    let timeouts = 0;
    const quiet = new Promise((resolve) => stream.on('timeout', () => resolve(++timeouts)));
    const start = performance.now();
    expect(stream.setTimeout(60)).toBe(stream);
    expect(stream.timeout).toBe(60);
    for (let i = 0; i < 8; i++) {
      if (i % 2 === 0) stream.write('x');
      else say(peer);
      await pause(15);
    }
    const active = performance.now();
    await quiet;
    // Unless this machine stood still for as long in between.
    if (active - start < 8 * 30) expect(performance.now() - start).toBeGreaterThan(120);
    expect(timeouts).toBe(1);
    expect(stream.destroyed, 'that is for the listener').toBe(false);
  });

  it('is setTimeout: its callback is a listener that 0 takes away', async () => {
    const [stream] = streamAndPeer();
    let called = 0;
    const callback = (): void => void called++;
    stream.setTimeout(20, callback);
    stream.setTimeout(0, callback);
    expect(stream.listenerCount('timeout')).toBe(0);
    await pause(40);
    expect(called).toBe(0);
    await new Promise<void>((resolve) => stream.setTimeout(5, resolve));
    stream.destroy();
    stream.setTimeout(1, callback);
    await pause(10);
    expect(called, 'never when it is destroyed').toBe(0);
    for (const wrong of [-1, Number.NaN, Number.POSITIVE_INFINITY]) expectOutOfRange(() => stream.setTimeout(wrong));
    expectWrongType(() => stream.setTimeout('5' as unknown as number));
    expectWrongType(() => stream.setTimeout(5, 'f' as unknown as () => void));
  });

  it('are setNoDelay and setKeepAlive, which reach the kernel', () => {
    const [client, server] = connection();
    const stream = streamOf(server);
    expect(stream.setNoDelay().setNoDelay(true).setNoDelay(false).setKeepAlive(true, 30_000)).toBe(stream);
    stream.setKeepAlive(false);
    stream.setKeepAlive();
    expectWrongType(() => stream.setNoDelay(1 as unknown as boolean));
    expectWrongType(() => stream.setKeepAlive('yes' as unknown as boolean));
    expectOutOfRange(() => stream.setKeepAlive(true, Number.NaN));
    stream.destroy();
    expect(stream.setNoDelay().setKeepAlive(true)).toBe(stream);
    client.close();
  });

  it('is destroySoon: everything is written first', async () => {
    const [stream, peer] = streamAndPeer();
    const data = pattern(3_000_000);
    stream.write(data);
    stream.destroySoon();
    expect(stream.destroyed).toBe(false);
    expect((await receive(peer, data.length)).equals(data)).toBe(true);
    await closed(stream);
    stream.destroySoon();
  });

  it('counts bytes', async () => {
    const [a, b] = streams();
    b.resume();
    a.write('12345');
    a.end('é');
    await closed(b);
    expect(a.bytesWritten).toBe(7);
    expect(b.bytesRead).toBe(7);
  });

  it('is every member that net.Socket documents for a connected socket', () => {
    const [stream] = streamAndPeer();
    const model = new net.Socket();
    const missing = [
      ...['address', 'bytesRead', 'bytesWritten', 'connecting', 'destroy', 'destroyed', 'destroySoon', 'end'],
      ...['localAddress', 'localPort', 'localFamily', 'pause', 'pending', 'ref', 'remoteAddress', 'remoteFamily'],
      ...['remotePort', 'resetAndDestroy', 'resume', 'setEncoding', 'setKeepAlive', 'setNoDelay', 'setTimeout'],
      ...['timeout', 'unref', 'write', 'readyState', 'cork', 'uncork'],
    ].filter((name) => !(name in stream) || !(name in model || name === 'timeout'));
    expect(missing).toEqual([]);
  });
});
