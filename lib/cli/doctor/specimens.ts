import { closeSync, constants as files, openSync } from 'node:fs';
import { backends, close, eventfd, ioctl, Poller, pipe, READABLE, Socket, write } from '../../index.ts';
import { settle } from './settle.ts';

/** One open descriptor of some kind. */
export interface Specimen {
  readonly fd: number;
  /** Makes it readable, soon. Left out of what cannot be made so. */
  stimulate?(): void;
  close(): void | Promise<void>;
}

/** A kind of descriptor. */
export interface Kind {
  readonly name: string;
  /** What `stimulate` does. */
  readonly stimulus?: string;
  /** Throws where there is none, and says why. */
  open(): Specimen;
}

const BYTE = Uint8Array.of(1);

/** The requests of ioctl_tty(2), of all but a few old architectures, which have no prebuilt addon. */
const TIOCSPTLCK = 0x40045431;
const TIOCGPTN = 0x80045430;

/** What every system has, and fdpoll or Node can open by name. */
export const portableKinds: readonly Kind[] = [
  {
    name: 'pipe, read end',
    stimulus: 'a byte was written',
    open: () => {
      const [fd, other] = pipe();
      return { fd, stimulate: () => write(other, BYTE), close: () => closeAll(fd, other) };
    },
  },
  {
    name: 'pipe, write end',
    open: () => {
      const [other, fd] = pipe();
      return { fd, close: () => closeAll(fd, other) };
    },
  },
  { name: 'tty', stimulus: 'a line was typed', open: openTerminal },
  openFile('regular file', process.execPath, files.O_RDONLY),
  openFile('directory', '/', files.O_RDONLY),
  openFile('/dev/null', '/dev/null', files.O_RDWR),
  {
    name: 'eventfd',
    stimulus: 'it was added to',
    open: () => {
      const fd = eventfd();
      const one = new Uint8Array(BigUint64Array.of(1n).buffer);
      return { fd, stimulate: () => write(fd, one), close: () => close(fd) };
    },
  },
  {
    name: 'TCP, listening',
    stimulus: 'a client connected',
    open: () => {
      const listener = Socket.listen('127.0.0.1:0');
      let client: Socket | undefined;
      return {
        fd: listener.fd,
        stimulate: () => {
          client = Socket.connect(listener.localAddress ?? '127.0.0.1:0');
        },
        close: () => {
          client?.close();
          listener.close();
        },
      };
    },
  },
  { name: 'TCP, connected', stimulus: 'a byte came', open: openConnection },
  {
    name: 'UDP',
    stimulus: 'a datagram came',
    open: () => {
      const socket = new Socket('inet', 'dgram');
      return closedWith(socket, () => {
        socket.bind('127.0.0.1:0');
        return {
          fd: socket.fd,
          stimulate: () => socket.sendTo(BYTE, socket.localAddress ?? '127.0.0.1:0'),
          close: () => socket.close(),
        };
      });
    },
  },
  openPair('unix, stream', 'stream', 'a byte came'),
  openPair('unix, dgram', 'dgram', 'a datagram came'),
  openPoller('epoll set', 'epoll'),
  openPoller('kqueue', 'kqueue'),
];

function openFile(name: string, path: string, mode: number): Kind {
  return {
    name,
    open: () => {
      const fd = openSync(path, mode);
      return { fd, close: () => closeSync(fd) };
    },
  };
}

/** The terminal's side of a pseudo-terminal where its name is known, else the side of who types. */
function openTerminal(): Specimen {
  const typist = openSync('/dev/ptmx', files.O_RDWR | files.O_NOCTTY);
  try {
    const number = new Int32Array(1);
    ioctl(typist, TIOCSPTLCK, number);
    ioctl(typist, TIOCGPTN, number);
    const fd = openSync(`/dev/pts/${number[0]}`, files.O_RDWR | files.O_NOCTTY);
    return { fd, stimulate: () => write(typist, Buffer.from('a\n')), close: () => closeAll(fd, typist) };
  } catch (error) {
    close(typist);
    throw error;
  }
}

function openConnection(): Specimen {
  const listener = Socket.listen('127.0.0.1:0');
  try {
    const client = Socket.connect(listener.localAddress ?? '127.0.0.1:0');
    settle(listener.fd);
    const server = listener.accept();
    if (server === undefined) {
      client.close();
      throw new Error('a connection to 127.0.0.1 was not made within 2 s');
    }
    return {
      fd: client.fd,
      stimulate: () => server.send(BYTE),
      close: () => {
        client.close();
        server.close();
      },
    };
  } finally {
    listener.close();
  }
}

function openPair(name: string, type: 'stream' | 'dgram', stimulus: string): Kind {
  return {
    name,
    stimulus,
    open: () => {
      const [socket, peer] = Socket.pair(type);
      return {
        fd: socket.fd,
        stimulate: () => peer.send(BYTE),
        close: () => {
          socket.close();
          peer.close();
        },
      };
    },
  };
}

function openPoller(name: string, backend: 'epoll' | 'kqueue'): Kind {
  return {
    name,
    stimulus: 'a pipe in it became readable',
    open: () => {
      if (!backends().some((info) => info.name === backend && info.usable && info.capabilities.pollable))
        throw new Error(`there is no ${backend} here that can be watched`);
      const poller = new Poller({ backend });
      return closedWith(poller, () => {
        const [fd, other] = pipe();
        const close = () => {
          poller.close();
          closeAll(fd, other);
        };
        return closedWith({ close }, () => {
          poller.add(fd, READABLE);
          return { fd: poller.fd, stimulate: () => write(other, BYTE), close };
        });
      });
    },
  };
}

function closeAll(...fds: number[]): void {
  for (const fd of fds) close(fd);
}

/** Closes the owner when opening fails. */
export function closedWith<T>(owner: { close(): void }, open: () => T): T {
  try {
    return open();
  } catch (error) {
    owner.close();
    throw error;
  }
}
