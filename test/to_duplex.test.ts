import { describe, expect, it } from 'vitest';
import { Poller, READABLE, Socket, type ToDuplexOptions, toDuplex } from '../lib/index.ts';
import { runFixture } from './support/children.ts';
import { checkDescriptorsAfterEachTest } from './support/descriptors.ts';
import { closed, streamOf } from './support/duplex.ts';
import { expectClosed, expectError, expectUnknownValue, expectWrongType } from './support/expect.ts';
import { closing, connection, listen, pair } from './support/sockets.ts';

describe('toDuplex', () => {
  checkDescriptorsAfterEachTest();

  it("takes a stream socket that is nobody else's", () => {
    for (const wrong of [undefined, null, 3, {}, { fd: 3 }])
      expectWrongType(() => toDuplex(wrong as unknown as Socket));
    const [a, b] = pair();
    a.close();
    expectClosed(() => toDuplex(a));
    expectUnknownValue(() => toDuplex(listen()));
    expectUnknownValue(() => toDuplex(closing(new Socket('inet', 'dgram'))));
    for (const wrong of Socket.pair('seqpacket')) expectUnknownValue(() => toDuplex(closing(wrong)));
    streamOf(b);
    expect(expectUnknownValue(() => toDuplex(b)).message).toMatch(/no stream owns/);
  });

  it('refuses what would stand between the socket and its stream', () => {
    const [a] = pair();
    const wrong = (options: unknown): Error => expectUnknownValue(() => toDuplex(a, options as ToDuplexOptions));
    for (const name of ['read', 'write', 'writev', 'final', 'destroy', 'construct']) wrong({ [name]: () => {} });
    for (const name of ['objectMode', 'readableObjectMode', 'writableObjectMode']) wrong({ [name]: true });
    expectWrongType(() => toDuplex(a, null as unknown as ToDuplexOptions));
    expectWrongType(() => toDuplex(a, { poller: {} as Poller }));
    expect(a.closed, 'it stays with the caller').toBe(false);
  });

  it('takes the options of a Duplex', async () => {
    const [a, b] = pair();
    const controller = new AbortController();
    const stream = streamOf(a, {
      highWaterMark: 5,
      encoding: 'utf8',
      signal: controller.signal,
      allowHalfOpen: true,
    });
    expect(stream).toMatchObject({
      readableHighWaterMark: 5,
      writableHighWaterMark: 5,
      readableEncoding: 'utf8',
      allowHalfOpen: true,
    });
    stream.on('error', () => {});
    controller.abort();
    await closed(stream);
    const other = streamOf(b);
    expect(other.allowHalfOpen).toBe(false);
  });

  it('leaves the socket alone when its poller refuses it', () => {
    const [a] = pair();
    const poller = closing(new Poller());
    poller.add(a, READABLE);
    poller.start(() => {});
    expectError(() => toDuplex(a, { poller }), Error, 'ERR_FDPOLL_STARTED');
    poller.stop();
    poller.close();
    expectClosed(() => toDuplex(a, { poller }));
    expect(a.closed).toBe(false);
    streamOf(a);
  });

  it('never blocks, whatever the timeout of the socket', () => {
    const [client] = connection();
    client.timeout = 60_000;
    streamOf(client);
    expect(client.timeout).toBe(0);
  });

  it.each([
    'waiting',
    'unref',
    'half-closed',
    'ready',
    'paused',
  ])('lets a process end as one with net.Socket would: %s', async (state) => {
    const { code, stdout, stderr } = await runFixture('duplex_alive.mjs', [state]);
    expect({ code, stderr, stdout }).toEqual({ code: 0, stderr: '', stdout: 'ended as it should\n' });
  });
});
