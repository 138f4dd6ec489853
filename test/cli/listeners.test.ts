import { describe, expect, it } from 'vitest';
import { type Listener, listeners, PEERS } from '../../lib/cli/listeners.ts';
import { Socket } from '../../lib/index.ts';
import { built } from './dist.ts';
import { leavesNothingBehind } from './left_behind.ts';
import { peerFolder } from './peer_folder.ts';
import { usable } from './scenarios/context.ts';

const library = JSON.stringify(built('index.cjs'));

/** They do what the real ones do, by fdpoll. */
const fakes = {
  koffi: `
    const { Poller, READABLE } = require(${library});
    exports.node = {
      poll(fd, options, callback) {
        const poller = new Poller({ hosting: 'thread' });
        poller.add(fd, options.readable ? READABLE : 0);
        return poller.start(() => callback({ readable: true }));
      },
    };`,
  epoll: `
    const { Poller, READABLE } = require(${library});
    exports.Epoll = class {
      static EPOLLIN = 1;
      constructor(callback) { this.poller = new Poller({ hosting: 'thread' }).start(() => callback(null, 0, 1)); }
      add(fd, events) { this.poller.add(fd, events); return this; }
      remove(fd) { this.poller.delete(fd); return this; }
      close() { this.poller.close(); }
    };`,
};

const nowhere = '/nonexistent/folder';
const own = listeners(usable, nowhere);

/** What it hears of two bytes, of which the second is written when the first was heard. */
async function hear({ listen }: Listener): Promise<string> {
  const [ours, theirs] = Socket.pair();
  const buffer = Buffer.alloc(10);
  let text = '';
  await listen(
    ours,
    (chunk) => {
      text += chunk ? chunk.toString() : buffer.toString('utf8', 0, ours.recv(buffer));
      if (text === 'a') theirs.send(Buffer.from('b'));
      return text === 'ab';
    },
    () => theirs.send(Buffer.from('a')),
  );
  // It has closed nothing that is not its own.
  expect(ours.closed).toBe(false);
  for (const socket of [ours, theirs]) socket.close();
  return text;
}

describe('listeners', () => {
  it('are every backend, waited for and hosted, and node:net', () => {
    const subjects = own.map(({ subject }) => subject);
    for (const backend of usable)
      expect(subjects).toEqual(expect.arrayContaining([backend, `${backend}, thread hosting`]));
    expect(subjects.at(-1)).toBe('node:net');
  });

  it('are the peers that are installed, too', () => {
    const subjects = listeners([], peerFolder(fakes)).map(({ subject }) => subject);
    expect(subjects).toEqual(['node:net', ...PEERS.map((name) => `npm ${name}`)]);
  });

  it.each(own)('hear, and leave nothing behind: $subject', async (listener) => {
    await hear(listener);
    await leavesNothingBehind(async () => expect(await hear(listener)).toBe('ab'));
  });

  it.each(PEERS.map((name) => `npm ${name}`))('hear, and leave nothing behind: %s', async (subject) => {
    const found = listeners([], peerFolder(fakes)).find((listener) => listener.subject === subject) as Listener;
    await hear(found);
    await leavesNothingBehind(async () => expect(await hear(found)).toBe('ab'));
  });

  it.each(own)('reject with what is thrown when they hear, and leave nothing behind: $subject', async ({ listen }) => {
    await leavesNothingBehind(async () => {
      const [ours, theirs] = Socket.pair();
      const failing = async () =>
        await listen(
          ours,
          () => {
            throw new Error('cannot hear');
          },
          () => theirs.send(Buffer.from('a')),
        );
      await expect(failing()).rejects.toThrow('cannot hear');
      for (const socket of [ours, theirs]) socket.close();
    });
  });

  it('reject when the peer is not what it was', async () => {
    const [, peer] = listeners([], peerFolder({ koffi: 'exports.node = {}' }));
    const [ours, theirs] = Socket.pair();
    const listening = async () =>
      await peer?.listen(
        ours,
        () => true,
        () => {},
      );
    await expect(listening()).rejects.toThrow('is not a function');
    for (const socket of [ours, theirs]) socket.close();
  });
});
