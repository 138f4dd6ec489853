import { afterEach, describe, expect, it } from 'vitest';
import { receiveOrder, sendOrder, serveOrders } from '../../lib/cli/orders.ts';
import { Socket } from '../../lib/index.ts';

const closing: Socket[] = [];

afterEach(() => {
  process.exitCode = 0;
  for (const socket of closing.splice(0)) socket.close();
});

function pair(): [Socket, Socket] {
  const sockets = Socket.pair();
  closing.push(...sockets);
  return sockets;
}

function told(control: Socket): string {
  const buffer = Buffer.alloc(4096);
  return buffer.toString('utf8', 0, Math.max(0, control.recv(buffer)));
}

describe('orders', () => {
  it('arrive as they were sent', () => {
    const [ours, theirs] = pair();
    sendOrder(ours, { count: 2 });
    expect(receiveOrder(theirs)).toEqual({ count: 2 });
  });

  it('have an end', () => {
    const [ours, theirs] = pair();
    ours.close();
    expect(receiveOrder(theirs)).toBeUndefined();
  });

  it('are refused when there is none, or one that is too long', () => {
    const [ours, theirs] = pair();
    expect(() => receiveOrder(theirs)).toThrow('there is no order');
    expect(() => sendOrder(ours, { text: 'x'.repeat(5000) })).toThrow('the socket takes no order');
  });
});

describe('serveOrders', () => {
  it('says that it is ready, serves, and ends with the process that measures', () => {
    const [control, theirControl] = pair();
    const [ours, theirs] = pair();
    sendOrder(ours, { count: 3 });
    serveOrders<{ count: number }>(
      ({ count }, socket) => {
        sendOrder(socket, { twice: 2 * count });
        control.shutdown('write');
      },
      theirControl,
      theirs,
    );
    expect(receiveOrder(ours)).toEqual({ twice: 6 });
    expect(told(control)).toBe('{"port":0}\n');
  });

  it('ends when nobody can give orders any more', () => {
    const [control, theirControl] = pair();
    const [ours, theirs] = pair();
    ours.close();
    serveOrders(() => {}, theirControl, theirs);
    expect(told(control)).toBe('{"port":0}\n');
  });

  it('says what went wrong', () => {
    const [control, theirControl] = pair();
    const [ours, theirs] = pair();
    sendOrder(ours, {});
    serveOrders(
      () => {
        throw new Error('no luck');
      },
      theirControl,
      theirs,
    );
    expect(told(control)).toBe('{"port":0}\n{"error":"no luck"}\n');
    expect(process.exitCode).toBe(1);
  });
});
