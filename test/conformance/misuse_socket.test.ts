import { describe, expect, it } from 'vitest';
import { type Address, FdError, Socket } from '../../lib/index.ts';
import { checkDescriptorsAfterEachTest } from '../support/descriptors.ts';
import { expectOutOfRange, expectUnknownValue, expectWrongType, thrownBy } from '../support/expect.ts';
import { closing, drain, listen, pair, say } from '../support/sockets.ts';

const noNumbers = ['1', null, true, 1n, {}, [], Symbol('n'), () => 1];
const noPlaces = [-1, 0.5, Number.NaN, Infinity, -Infinity, 9, 2 ** 31, 2 ** 32, 2 ** 53];

describe('misuse of a socket', () => {
  checkDescriptorsAfterEachTest();

  const noBytes = [
    'text',
    null,
    undefined,
    8,
    {},
    [1, 2],
    new ArrayBuffer(8),
    new SharedArrayBuffer(8),
    { buffer: 1, byteLength: 8 },
  ];
  it.each(noBytes)('a buffer that is %o is refused by recv and send', (buffer) => {
    const [a, b] = pair();
    say(b, 'kept');
    expect(expectWrongType(() => a.recv(buffer as unknown as Uint8Array)).message).toMatch(/buffer/);
    expect(expectWrongType(() => a.send(buffer as unknown as Uint8Array)).message).toMatch(/buffer/);
    expect(drain(a).text).toBe('kept');
    expect(drain(b).text).toBe('');
  });

  it.each(noNumbers)('an offset, length or flags that is %o is refused', (value) => {
    const [a] = pair();
    const number = value as unknown as number;
    const buffer = Buffer.alloc(8);
    for (const call of ['recv', 'send'] as const) {
      expect(expectWrongType(() => a[call](buffer, number)).message).toMatch(/offset/);
      expect(expectWrongType(() => a[call](buffer, 0, number)).message).toMatch(/length/);
      expect(expectWrongType(() => a[call](buffer, 0, 8, number)).message).toMatch(/flags/);
    }
  });

  it.each(noPlaces)('an offset or length of %d is out of the range of 8 bytes', (number) => {
    const [a, b] = pair();
    say(b, 'kept');
    const buffer = Buffer.alloc(8);
    for (const call of ['recv', 'send'] as const) {
      expectOutOfRange(() => a[call](buffer, number));
      expectOutOfRange(() => a[call](buffer, 0, number));
    }
    expect(drain(a).text).toBe('kept');
    expect(drain(b).text).toBe('');
  });

  it('offset and length together stay inside the buffer', () => {
    const [a] = pair();
    const buffer = Buffer.alloc(8);
    for (const [offset, length] of [
      [8, 1],
      [7, 2],
      [1, 8],
      [4, 5],
    ] as const) {
      expectOutOfRange(() => a.recv(buffer, offset, length));
      expectOutOfRange(() => a.send(buffer, offset, length));
    }
    expectOutOfRange(() => a.recv(new Uint8Array(new ArrayBuffer(64), 8, 8), 4, 5));
  });

  it.each([-1, 0.5, Number.NaN, 2 ** 31, 2 ** 32, Infinity])('flags of %d are out of range', (flags) => {
    const [a] = pair();
    expectOutOfRange(() => a.recv(Buffer.alloc(8), 0, 8, flags));
    expectOutOfRange(() => a.send(Buffer.alloc(8), 0, 8, flags));
  });

  it('memory that was transferred away is an empty buffer or an error, never a crash', () => {
    const [a, b] = pair();
    const gone = new Uint8Array(8);
    structuredClone(gone.buffer, { transfer: [gone.buffer] });
    say(b, 'kept');
    for (const call of [() => a.recv(gone), () => a.send(gone)]) {
      try {
        expect(call()).toBe(0);
      } catch (error) {
        expect((error as { code?: string }).code).toMatch(/^ERR_/);
      }
    }
    expectOutOfRange(() => a.recv(gone, 0, 8));
    expectOutOfRange(() => a.send(gone, 4, 4));
    expect(drain(a).text).toBe('kept');
  });

  it('an offset whose conversion would change the buffer is never converted', () => {
    const [a, b] = pair();
    const buffer = new Uint8Array(8);
    const evil = {
      valueOf() {
        structuredClone(buffer.buffer, { transfer: [buffer.buffer] });
        return 0;
      },
    };
    say(b, 'kept');
    expectWrongType(() => a.recv(buffer, evil as unknown as number));
    expectWrongType(() => a.send(buffer, 0, evil as unknown as number));
    expect(buffer.byteLength).toBe(8);
  });

  it('a view that shrank out of bounds is an empty buffer or an error, never a crash', () => {
    const [a, b] = pair();
    const Resizable = ArrayBuffer as unknown as new (
      size: number,
      options: object,
    ) => ArrayBuffer & { resize(n: number): void };
    const memory = new Resizable(16, { maxByteLength: 32 });
    const fixed = new Uint8Array(memory, 8, 8);
    memory.resize(4);
    say(b, 'kept');
    for (const call of [() => a.recv(fixed), () => a.send(fixed), () => a.recv(new DataView(new ArrayBuffer(0)))]) {
      try {
        expect(call()).toBe(0);
      } catch (error) {
        expect((error as { code?: string }).code).toMatch(/^ERR_/);
      }
    }
    expect(drain(a).text).toBe('kept');
  });

  it.each(['', 'rdwr', 'READ', 'toString'])('shutdown(%j) is unknown', (how) => {
    const [a] = pair();
    expect(expectUnknownValue(() => a.shutdown(how as 'read')).message).toMatch(/both/);
  });

  it.each([0, 1, null, undefined, {}])('shutdown(%o) is refused', (how) => {
    const [a] = pair();
    expectWrongType(() => a.shutdown(how as unknown as 'read'));
  });

  it('a family or type that nobody knows is refused', () => {
    for (const name of ['', 'INET', 'ip', 'toString', '__proto__']) {
      expectUnknownValue(() => new Socket(name as 'inet', 'stream'));
      expectUnknownValue(() => new Socket('inet', name as 'stream'));
      expectUnknownValue(() => Socket.pair(name as 'stream'));
    }
    for (const wrong of [null, {}, [], true, 1n]) {
      expectWrongType(() => new Socket(wrong as unknown as 'inet', 'stream'));
      expectWrongType(() => new Socket('inet', wrong as unknown as 'stream'));
    }
    for (const number of [-1, 0.5, Number.NaN, 2 ** 32]) {
      expectOutOfRange(() => new Socket(number, 'stream'));
      expectOutOfRange(() => new Socket('inet', number));
      expectOutOfRange(() => new Socket('inet', 'stream', { protocol: number }));
    }
    expectWrongType(() => new Socket('inet', 'stream', { protocol: {} as number }));
    expectWrongType(() => new Socket('inet', 'stream', 6 as unknown as object));
  });

  it('a backlog that is none is refused', () => {
    const socket = closing(new Socket('inet', 'stream'));
    socket.bind('127.0.0.1:0');
    for (const wrong of ['1', null, {}, true]) {
      expectWrongType(() => socket.listen(wrong as unknown as number));
      expectWrongType(() => Socket.listen('127.0.0.1:0', { backlog: wrong as unknown as number }));
    }
    for (const number of [-1, 0.5, Number.NaN, 2 ** 31, Infinity]) {
      expectOutOfRange(() => socket.listen(number));
      expectOutOfRange(() => Socket.listen('127.0.0.1:0', { backlog: number }));
    }
    expect(socket.listening).toBe(false);
  });

  it('options that are none are refused', () => {
    const address = listen().localAddress as Address;
    for (const wrong of ['fast', 1, null, true]) {
      expectWrongType(() => Socket.listen('127.0.0.1:0', wrong as unknown as object));
      expectWrongType(() => Socket.connect(address, wrong as unknown as object));
    }
    expectWrongType(() => Socket.listen('127.0.0.1:0', { reuseAddress: 'yes' as unknown as boolean }));
    expectWrongType(() => Socket.listen('[::1]:0', { ipv6Only: 1 as unknown as boolean }));
  });

  const { prototype } = Socket;
  it.each([
    {},
    null,
    undefined,
    1,
    Object.create(prototype),
    { fd: 1 },
  ])('a method on %o is a TypeError', (receiver) => {
    const buffer = Buffer.alloc(1);
    const methods = ['recv', 'send', 'accept', 'listen', 'bind', 'connect', 'shutdown', 'detach', 'close'] as const;
    for (const name of methods)
      expect(() => Reflect.apply(prototype[name], receiver, [buffer]), name).toThrow(TypeError);
    for (const name of ['fd', 'closed', 'family', 'type', 'protocol', 'listening', 'localAddress', 'remoteAddress'])
      expect(() => Reflect.get(prototype, name, receiver), name).toThrow(TypeError);
  });

  it('is constructed with new only', () => {
    expect(() => (Socket as unknown as () => void)()).toThrow(TypeError);
  });

  it('the system’s refusal of what a socket is not for is an FdError', () => {
    const [a] = pair();
    expect(thrownBy(() => a.accept())).toBeInstanceOf(FdError);
    expect(thrownBy(() => a.bind('127.0.0.1:0'))).toBeInstanceOf(FdError);
  });
});
