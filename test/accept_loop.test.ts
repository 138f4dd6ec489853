import net from 'node:net';
import { describe, expect, it } from 'vitest';
import { acceptLoop } from '../lib/accept_loop.ts';
import { Socket } from '../lib/index.ts';
import { runFixture } from './support/children.ts';
import { checkDescriptorsAfterEachTest } from './support/descriptors.ts';
import { expectError, expectFdError, expectUnknownValue, expectWrongType } from './support/expect.ts';
import { addressOf, closing, connect, listen, say } from './support/sockets.ts';

describe('acceptLoop', () => {
  checkDescriptorsAfterEachTest();

  it('hands over one connection after another until the handler returns false', () => {
    const listener = listen();
    const clients = ['a', 'b', 'c'].map((text) => {
      const client = connect(addressOf(listener));
      say(client, text);
      return client;
    });
    const heard: string[] = [];
    acceptLoop(listener, (socket, from) => {
      expect(from).toBe(listener);
      const buffer = Buffer.alloc(1);
      socket.timeout = 2000;
      socket.recv(buffer);
      socket.close();
      heard.push(buffer.toString());
      return heard.length < clients.length;
    });
    expect(heard).toEqual(['a', 'b', 'c']);
    expect(listener.listening).toBe(true);
  });

  it('goes on when the handler returns nothing, and takes turns between listeners', () => {
    const listeners = [listen(), listen(), listen('[::1]:0')];
    for (let i = 0; i < 2; i++) for (const listener of listeners) connect(addressOf(listener));
    const order: number[] = [];
    acceptLoop(listeners, (socket, listener) => {
      socket.close();
      order.push(listeners.indexOf(listener));
      if (order.length === 6) return false;
      return undefined;
    });
    expect(order.slice(0, 3).sort()).toEqual([0, 1, 2]);
    expect(order.slice(3).sort()).toEqual([0, 1, 2]);
  });

  it('ends when a listener is closed, also by the handler', () => {
    const [first, second] = [listen(), listen()];
    connect(addressOf(first));
    connect(addressOf(first));
    let calls = 0;
    acceptLoop([first, second], (socket) => {
      calls++;
      socket.close();
      second.close();
    });
    expect(calls).toBe(1);
    expect(first.closed).toBe(false);
  });

  it.each([new Error('mine'), null, undefined])('lets through what the handler throws: %o', (thrown) => {
    const listener = listen();
    connect(addressOf(listener));
    let caught: unknown = 'nothing';
    try {
      acceptLoop(listener, (socket) => {
        socket.close();
        throw thrown;
      });
    } catch (error) {
      caught = error;
    }
    expect(caught).toBe(thrown);
    expect(listener.listening).toBe(true);
  });

  it('can be called inside its own handler, on another listener', () => {
    const [outer, inner] = [listen(), listen()];
    connect(addressOf(outer));
    connect(addressOf(inner));
    const seen: Socket[] = [];
    acceptLoop(outer, (socket, from) => {
      socket.close();
      seen.push(from);
      acceptLoop(inner, (nested, nestedFrom) => {
        nested.close();
        seen.push(nestedFrom);
        return false;
      });
      return false;
    });
    expect(seen).toEqual([outer, inner]);
  });

  it('outlasts a lack of descriptors, without spinning', async () => {
    const { code, stdout, stderr } = await runFixture('accept_loop_limit.mjs', [], { descriptors: 40 });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { served, asked, refused } = JSON.parse(stdout) as Record<string, number>;
    expect(served).toBe(3);
    expect(refused).toBeGreaterThan(0);
    expect(asked).toBeLessThan(30);
  });

  it('refuses what is no listener', () => {
    expectUnknownValue(() => acceptLoop([], () => false));
    for (const wrong of [null, undefined, 1, {}, new net.Server(), [null], [{ fd: 0 }]])
      expectWrongType(() => acceptLoop(wrong as unknown as Socket, () => false));
    for (const wrong of [null, undefined, 1, {}])
      expectWrongType(() => acceptLoop(listen(), wrong as unknown as () => boolean));
    const same = listen();
    expectFdError(() => acceptLoop([same, same], () => false), 'EEXIST');
  });

  it('does nothing with a listener that is closed', () => {
    const listener = listen();
    listener.close();
    expectError(() => acceptLoop(listener, () => false), RangeError, 'ERR_OUT_OF_RANGE');
  });

  it('says what the system says of a socket that does not listen', () => {
    const [a, b] = Socket.pair();
    closing(a);
    closing(b).close();
    expectFdError(() => acceptLoop(a, () => false), 'EINVAL', 'accept');
  });
});
