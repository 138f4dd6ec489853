import { once } from 'node:events';
import { Socket as NetSocket } from 'node:net';
import { type BackendName, dup, type HostingKind, Poller, READABLE, type Socket } from '../index.ts';
import { driversOf } from './hostings.ts';
import { isInstalled, loadPeer, type PeerName } from './peers.ts';
import { STALLED_MS, stalled, untilDone } from './stall.ts';

/** JavaScript hears of bytes: of those in `chunk`, or of some that are to be read. True when these were the last. */
export type Hear = (chunk?: Buffer) => boolean;

/** Watches the socket, calls `begin` when it does, and `hear` until that says it was the last. */
export type Listen = (socket: Socket, hear: Hear, begin: () => void) => void | Promise<void>;

export interface Listener {
  readonly subject: string;
  readonly listen: Listen;
}

export const NODE_NET = 'node:net';
/** Those that there are for this system. */
export const PEERS: readonly PeerName[] = process.platform === 'linux' ? ['koffi', 'epoll'] : ['koffi'];

const SILENT = 'nothing was heard';

/** Every way to hear of a readable socket that there is here, those of installed peers last. */
export function listeners(backends: readonly BackendName[], directory: string): Listener[] {
  const own = backends.flatMap((name) =>
    driversOf(name, ['loop', 'thread']).map(({ subject, backend, hosting }) => {
      return { subject, listen: hosting === undefined ? waited(backend) : hosted(backend, hosting) };
    }),
  );
  const peers = PEERS.filter((name) => isInstalled(name, directory)).map((name) => {
    return { subject: `npm ${name}`, listen: ofPeer(name, directory) };
  });
  return [...own, { subject: NODE_NET, listen: streamed }, ...peers];
}

function waited(backend: BackendName): Listen {
  return (socket, hear, begin) => {
    const poller = new Poller({ backend });
    try {
      poller.add(socket, READABLE);
      begin();
      do if (poller.wait(STALLED_MS).length === 0) throw stalled(SILENT);
      while (!hear());
    } finally {
      poller.close();
    }
  };
}

function hosted(backend: BackendName, hosting: HostingKind): Listen {
  return (socket, hear, begin) =>
    listenBy(hear, begin, (heard) => {
      const poller = new Poller({ backend, hosting });
      poller.add(socket, READABLE);
      poller.start(() => heard());
      return () => poller.close();
    });
}

/** A stream has read the bytes before it tells of them. It closes its descriptor, which is one of its own. */
const streamed: Listen = async (socket, hear, begin) => {
  let stream: NetSocket | undefined;
  await listenBy(hear, begin, (heard, fail) => {
    stream = new NetSocket({ fd: dup(socket), readable: true });
    stream.on('data', heard).on('error', fail);
    return () => stream?.destroy();
  });
  if (stream && !stream.closed) await once(stream, 'close');
};

interface Koffi {
  readonly node: { poll(fd: number, options: { readable: true }, callback: () => void): { close(): void } };
}

interface Epoll {
  add(fd: number, events: number): this;
  remove(fd: number): this;
  close(): void;
}

interface EpollModule {
  readonly Epoll: { new (callback: (error: Error | null) => void): Epoll; readonly EPOLLIN: number };
}

function ofPeer(name: PeerName, directory: string): Listen {
  return (socket, hear, begin) =>
    listenBy(hear, begin, (heard, fail) => {
      const peer = loadPeer(name, directory);
      if (name === 'koffi') {
        const handle = (peer as Koffi).node.poll(socket.fd, { readable: true }, () => heard());
        return () => handle.close();
      }
      const { Epoll } = peer as EpollModule;
      const epoll = new Epoll((error) => (error ? fail(error) : heard()));
      epoll.add(socket.fd, Epoll.EPOLLIN);
      return () => epoll.remove(socket.fd).close();
    });
}

/** For what calls back: `watch` begins, and returns what ends it. */
async function listenBy(
  hear: Hear,
  begin: () => void,
  watch: (heard: (chunk?: Buffer) => void, fail: (error: unknown) => void) => () => void,
): Promise<void> {
  let stop: (() => void) | undefined;
  try {
    await untilDone(SILENT, ({ done, fail }) => {
      // Thrown into the callback of another, an error would end the process.
      const heard = (chunk?: Buffer) => {
        try {
          if (hear(chunk)) done();
        } catch (error) {
          fail(error);
        }
      };
      stop = watch(heard, fail);
      begin();
    });
  } finally {
    stop?.();
  }
}
