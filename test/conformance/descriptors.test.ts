import { closeSync, fstatSync, readSync, writeSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { close, dup, Poller, pipe, READABLE, Socket } from '../../lib/index.ts';
import { checkDescriptorsAfterEachTest, isNonBlocking } from '../support/descriptors.ts';
import { expectFdError, expectOutOfRange, expectWrongType } from '../support/expect.ts';
import { closedNumber, closing, drain, openPipe, pair, poke, say } from '../support/sockets.ts';

const wrongTypes = ['1', null, undefined, {}, { fd: '1' }, { fd: null }, 1n, [], true, Symbol('fd'), () => 1];
const noDescriptors = [-1, -(2 ** 31), 1.5, Number.NaN, Infinity, -Infinity, 2 ** 31, 2 ** 32, 2 ** 53];

describe('pipe', () => {
  checkDescriptorsAfterEachTest();

  it('gives the read end and the write end', () => {
    const { read, write } = openPipe();
    expect(writeSync(write, 'through')).toBe(7);
    const buffer = Buffer.alloc(16);
    expect(buffer.toString('utf8', 0, readSync(read, buffer))).toBe('through');
    expect(fstatSync(read).isFIFO()).toBe(true);
  });

  it('does not block: an empty one has nothing, a full one takes nothing', () => {
    const { read, write } = openPipe();
    expect(() => readSync(read, Buffer.alloc(1))).toThrow(/EAGAIN/);
    const block = Buffer.alloc(65536);
    expect(() => {
      for (let i = 0; i < 1000; i++) writeSync(write, block);
    }).toThrow(/EAGAIN/);
    if (process.platform === 'linux') for (const fd of [read, write]) expect(isNonBlocking(fd)).toBe(true);
  });
});

describe('dup', () => {
  checkDescriptorsAfterEachTest();

  it('gives another number for the same thing', () => {
    const [a, b] = pair();
    const copy = closing(Socket.fromFd(dup(a)));
    expect(copy.fd).not.toBe(a.fd);
    say(b, 'either');
    a.close();
    expect(drain(copy).text).toBe('either');
  });

  it('takes numbers and objects with fd', () => {
    const [a] = pair();
    for (const descriptor of [a, a.fd, { fd: a.fd }]) closeSync(dup(descriptor));
  });

  it('refuses what is no descriptor', () => {
    expectFdError(() => dup(closedNumber()), 'EBADF');
    for (const fd of wrongTypes) expectWrongType(() => dup(fd as unknown as number));
    for (const fd of noDescriptors) expectOutOfRange(() => dup(fd));
    const [a] = pair();
    a.close();
    expectOutOfRange(() => dup(a));
  });
});

describe('close', () => {
  checkDescriptorsAfterEachTest();

  it('closes the number', () => {
    const [read, write] = pipe();
    close(read);
    close(write);
    expect(() => fstatSync(read)).toThrow(/EBADF/);
    expectFdError(() => close(read), 'EBADF', 'close');
  });

  it('leaves every poller of the thread first', () => {
    const pollers = [closing(new Poller()), closing(new Poller())];
    const pipe = openPipe();
    poke(pipe.write);
    for (const poller of pollers) poller.add(pipe.read, READABLE);
    pipe.end(pipe.read, close);
    for (const poller of pollers) {
      expect(poller.size).toBe(0);
      expect(poller.wait(0).length).toBe(0);
    }
  });

  it('refuses what is no descriptor', () => {
    for (const fd of [...wrongTypes, { fd: 1 }]) expectWrongType(() => close(fd as unknown as number));
    for (const fd of noDescriptors) expectOutOfRange(() => close(fd));
  });
});
