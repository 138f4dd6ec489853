// Scenarios of sockets and descriptors.

import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addressOf, connection, readAll, recvAll, sendAll, soon, writeAll } from './held.mjs';
import { library } from './library.mjs';

const { constants, DatagramBatch, READABLE, Socket, WRITABLE, waitFor } = library;

const folder = (held) => {
  const path = mkdtempSync(join(tmpdir(), 'fdpoll-faults-'));
  held.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
};

/** Whatever an unfinished run has left in a socket. */
const drain = (...sockets) => {
  const bytes = Buffer.alloc(65536);
  for (const socket of sockets) while (socket.recv(bytes) > 0);
};

/** On whoever an unfinished run has left in the queue. */
const hangUp = (listener) => {
  listener.timeout = 0;
  for (let socket = listener.accept(); socket !== undefined; socket = listener.accept()) socket.close();
};

const datagrams = (held, options = {}) => {
  const a = held.keep(Socket.listen('127.0.0.1:0', { type: 'dgram', options }));
  const b = held.keep(Socket.listen('127.0.0.1:0', { type: 'dgram', options }));
  return { a, b, to: b.localAddress };
};

export const socketScenarios = [
  {
    name: 'a TCP connection from beginning to end',
    setup: () => ({}),
    run: (_, held) => {
      const listener = held.keep(Socket.listen('127.0.0.1:0', { options: { SO_KEEPALIVE: true } }));
      const client = held.keep(Socket.connect(addressOf(listener), { options: { TCP_NODELAY: true } }));
      const server = held.keep(soon(listener, READABLE, () => listener.accept()));
      waitFor(client, WRITABLE, 1000);
      const error = client.takeError();
      if (error !== undefined) throw error;
      sendAll(client, 'hello');
      const heard = recvAll(server, 5);
      client.shutdown('write');
      const end = soon(server, READABLE, () => server.recv(Buffer.alloc(1)));
      return [heard, end, server.family, server.type, client.protocol, listener.listening];
    },
  },
  {
    name: 'a connection that is waited for',
    setup: (held) => ({ listener: held.keep(Socket.listen('127.0.0.1:0')) }),
    run: ({ listener }, held) => {
      hangUp(listener);
      const client = held.keep(Socket.connect(addressOf(listener), { timeout: 1000, localAddress: '127.0.0.1:0' }));
      listener.timeout = 1000;
      const server = soon(listener, READABLE, () => listener.accept());
      held.keep(server);
      client.timeout = 1000;
      server.timeout = 1000;
      sendAll(client, 'abc');
      const heard = recvAll(server, 3);
      client.reset();
      return heard;
    },
  },
  {
    name: 'many that are accepted at once',
    setup: (held) => ({ listener: held.keep(Socket.listen('unix:')) }),
    run: ({ listener }, held) => {
      hangUp(listener);
      const clients = [1, 2, 3].map(() => held.keep(new Socket('unix', 'stream')));
      for (const client of clients) client.connect(addressOf(listener));
      const accepted = [];
      for (let turn = 0; turn < 9 && accepted.length < 3; turn++) accepted.push(...held.keepAll(listener.acceptAll()));
      return accepted.length;
    },
  },
  {
    name: 'unix sockets with a path, and all addresses of a host',
    // A Worker has no umask to change.
    inWorkers: false,
    setup: (held) => ({ path: folder(held) }),
    run: ({ path }, held) => {
      rmSync(join(path, 's'), { force: true });
      // The umask takes some of it, which is put right afterwards.
      const umask = process.umask(0o027);
      held.after(() => process.umask(umask));
      const listener = held.keep(Socket.listen(`unix:${join(path, 's')}`, { type: 'seqpacket', mode: 0o666 }));
      const client = held.keep(Socket.connect(`unix:${join(path, 's')}`, { type: 'seqpacket' }));
      const server = held.keep(soon(listener, READABLE, () => listener.accept()));
      server.setOption('SO_PASSCRED', true);
      const { pid } = client.peerCredentials;
      soon(client, WRITABLE, () => client.send(Buffer.from('record')));
      const bytes = Buffer.alloc(10);
      const count = soon(server, READABLE, () => server.recv(bytes));
      const all = held.keepAll(Socket.listenAll(['127.0.0.1:0', '127.0.0.2:0']));
      const ports = new Set(all.map((socket) => socket.localAddress?.port));
      const mode = (statSync(join(path, 's')).mode & 0o777).toString(8);
      return [pid === process.pid, bytes.toString('utf8', 0, count), ports.size, mode];
    },
  },
  {
    name: 'datagrams with addresses and control data',
    setup: (held) => datagrams(held, { IP_PKTINFO: true, IP_RECVTTL: true }),
    run: ({ a, b, to }) => {
      drain(a, b);
      const bytes = Buffer.alloc(100);
      soon(a, WRITABLE, () => a.sendTo(Buffer.from('one'), to));
      const one = soon(b, READABLE, () => b.recvFrom(bytes));
      soon(a, WRITABLE, () => a.sendMessage([Buffer.from('t'), Buffer.from('wo')], { address: to, ttl: 7 }));
      const two = soon(b, READABLE, () => b.recvMessage(bytes));
      const back = soon(b, WRITABLE, () =>
        b.sendMessage(Buffer.from('3'), { address: two.address, pktinfo: two.pktinfo }),
      );
      const three = soon(a, READABLE, () => a.recvMessage([bytes]));
      return [one.bytes, one.address.host, two.bytes, two.ttl, two.pktinfo.local, back, three.bytes];
    },
  },
  {
    name: 'a datagram socket that is connected and disconnected',
    setup: (held) => datagrams(held),
    run: ({ a, b, to }) => {
      drain(a, b);
      a.connect(to);
      const sent = soon(a, WRITABLE, () => a.send(Buffer.from('x')));
      const peer = a.remoteAddress?.port === to.port;
      a.disconnect();
      return [sent, peer, a.remoteAddress, soon(b, READABLE, () => b.recv(Buffer.alloc(9)))];
    },
  },
  {
    name: 'batches of datagrams and segments',
    setup: (held) => ({ ...datagrams(held, { IP_PKTINFO: true }), batch: new DatagramBatch(4, { size: 64 }) }),
    run: ({ a, b, to, batch }) => {
      drain(a, b);
      for (let i = 0; i < 3; i++) {
        batch.setAddress(i, to);
        batch.lengths[i] = 8;
        batch.locals.fill(0);
        batch.interfaces[i] = 0;
        batch.segments[i] = 0;
        batch.tos[i] = 0;
      }
      batch.count = 3;
      for (let from = 0; from < 3; ) from += soon(a, WRITABLE, () => a.sendBatch(batch, from));
      let received = 0;
      while (received < 3) received += soon(b, READABLE, () => b.recvBatch(batch));
      const bytes = soon(a, WRITABLE, () => a.sendSegments(Buffer.alloc(30), 10, to));
      let segments = 0;
      while (segments < 3) segments += soon(b, READABLE, () => b.recvBatch(batch));
      return [received, bytes, segments, batch.lengths[0]];
    },
  },
  {
    name: 'messages with descriptors',
    setup: (held) => ({ ends: held.keepAll(Socket.pair()) }),
    run: ({ ends: [a, b] }, held) => {
      drain(a, b);
      const pipe = held.keepAll(library.pipe());
      soon(a, WRITABLE, () => a.sendMessage(Buffer.from('fds'), { fds: pipe }));
      const bytes = Buffer.alloc(10);
      const message = soon(b, READABLE, () => b.recvMessage(bytes));
      held.keepAll(message.fds ?? []);
      return [message.bytes, message.fds?.length, message.controlTruncated, b.atMark()];
    },
  },
  {
    name: 'a file that is sent',
    setup: (held) => {
      const path = join(folder(held), 'file');
      writeFileSync(path, 'the bytes of a file');
      const file = openSync(path, 'r');
      held.after(() => closeSync(file));
      return { file, ends: held.keepAll(Socket.pair()) };
    },
    run: ({ file, ends: [a, b] }) => {
      drain(a, b);
      for (let from = 4; from < 9; ) from += soon(a, WRITABLE, () => a.sendFile(file, from, 9 - from));
      return recvAll(b, 5);
    },
  },
  {
    name: 'options',
    setup: (held) => ({ ends: connection(held) }),
    run: ({ ends: [client] }, held) => {
      client.setOption('TCP_NODELAY', true);
      client.setOption(constants.SOL_SOCKET, constants.SO_KEEPALIVE, 1);
      const { state } = client.tcpInfo();
      const udp = held.keep(new Socket('inet', 'dgram'));
      udp.addMembership('224.0.0.251', { interface: '127.0.0.1' });
      udp.dropMembership('224.0.0.251', { interface: '127.0.0.1' });
      udp.addMembership('224.0.0.251', { interface: 1, source: '127.0.0.1' });
      udp.dropMembership('224.0.0.251', { interface: 1, source: '127.0.0.1' });
      const size = client.getOption(constants.SOL_SOCKET, constants.SO_TYPE, 4).length;
      return [client.getOption('TCP_NODELAY'), state, size, client.takeError()];
    },
  },
  {
    name: 'a socket that is adopted and given away',
    setup: () => ({}),
    run: (_, held) => {
      const [a, b] = held.keepAll(Socket.pair());
      const fd = library.dup(a);
      let adopted;
      try {
        adopted = held.keep(Socket.fromFd(fd));
      } catch (error) {
        held.keep(fd);
        throw error;
      }
      sendAll(adopted, 'mine');
      const facts = [adopted.family, adopted.type, adopted.listening];
      held.keep(b.detach());
      return [facts, b.closed, adopted.remoteAddress?.path];
    },
  },
  {
    name: 'descriptors of every kind',
    setup: () => ({}),
    run: (_, held) => {
      const [from, to] = held.keepAll(library.pipe());
      writeAll(to, 'through the pipe');
      const heard = readAll(from, 16);
      const parts = [Buffer.from('two '), Buffer.from('parts')];
      const written = soon(to, WRITABLE, () => library.writev(to, parts));
      if (written < 9) writeAll(to, 'two parts'.slice(written));
      const into = [Buffer.alloc(4), Buffer.alloc(5)];
      const read = soon(from, READABLE, () => library.readv(from, into));
      let both = Buffer.concat(into).toString('utf8', 0, read);
      if (read < 9) both += readAll(from, 9 - read);
      const counter = held.keep(library.eventfd(3));
      const eight = new BigUint64Array(1);
      soon(counter, READABLE, () => library.read(counter, eight));
      const memory = held.keep(library.memfd('faults'));
      writeAll(memory, 'memory');
      const copy = held.keep(library.dup(to));
      library.setNonBlocking(copy, false);
      library.setNonBlocking(copy, true);
      writeAll(copy, 'copy');
      const waiting = new Int32Array(1);
      soon(from, READABLE, () => library.ioctl(from, constants.FIONREAD, waiting));
      return [heard, both, Number(eight[0]), waiting[0]];
    },
  },
  {
    name: 'bytes that are spliced',
    setup: (held) => ({ ends: held.keepAll(Socket.pair()), pipe: held.keepAll(library.pipe()) }),
    run: ({ ends: [a, b], pipe: [from, to] }) => {
      drain(b);
      while (library.read(from, Buffer.alloc(4096)) > 0);
      writeAll(to, 'spliced');
      for (let left = 7; left > 0; ) left -= soon(from, READABLE, () => library.splice(from, a.fd, left));
      return recvAll(b, 7);
    },
  },
  {
    name: 'a write that nobody reads',
    setup: () => ({}),
    run: (_, held) => {
      const [from, to] = library.pipe();
      held.keep(to);
      library.close(from);
      try {
        soon(to, WRITABLE, () => library.write(to, Buffer.from('x')));
      } catch (error) {
        if (error.code !== 'EPIPE') throw error;
        return [error.code, error.syscall];
      }
      return 'no error';
    },
  },
  {
    name: 'writing to sockets as to files',
    setup: (held) => ({ ends: held.keepAll(Socket.pair()) }),
    run: ({ ends: [a, b] }) => {
      drain(a, b);
      writeAll(a.fd, 'one');
      const parts = [Buffer.from('t'), Buffer.from('wo')];
      const written = soon(a, WRITABLE, () => library.writev(a, parts));
      if (written < 3) writeAll(a.fd, 'two'.slice(written));
      return [readAll(b.fd, 6)];
    },
  },
  {
    name: 'a loop that accepts',
    setup: (held) => ({ listener: held.keep(Socket.listen('unix:')) }),
    run: ({ listener }, held) => {
      hangUp(listener);
      const client = held.keep(new Socket('unix', 'stream'));
      client.connect(addressOf(listener));
      let heard = '';
      library.acceptLoop([listener], (socket) => {
        held.keep(socket);
        sendAll(client, 'served');
        heard = recvAll(socket, 6);
        return false;
      });
      return heard;
    },
  },
  {
    name: 'a socket of node:net',
    setup: async (held) => {
      const server = createServer();
      await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
      held.after(() => server.close());
      return { server };
    },
    run: ({ server }, held) => {
      const socket = held.keep(library.fromNodeSocket(server));
      return [socket.family, socket.type, socket.listening, socket.getOption('SO_ACCEPTCONN')];
    },
  },
  {
    name: 'ready',
    setup: async (held) => {
      const ends = held.keepAll(Socket.pair());
      // Opens the poller of the thread, which lasts.
      await library.ready(ends[0], WRITABLE);
      return { ends };
    },
    run: async ({ ends: [a, b] }) => {
      drain(a, b);
      const readable = library.ready(a, READABLE, { timeout: 1000 });
      readable.catch(() => {});
      sendAll(b, 'x');
      const writable = library.ready(b, WRITABLE);
      const flags = await Promise.all([readable, writable]);
      return [flags, recvAll(a, 1), await library.ready(a, READABLE, { timeout: 0 })];
    },
    // The poller of the thread would remember that there is no such call; others are open already when a fault closes it.
    without: { epoll_pwait2: ['ENOSYS', 'EPERM', 'EINVAL', 'ENOMEM'] },
  },
  {
    name: 'interfaces',
    setup: () => ({}),
    run: () => [library.interfaceName(1), library.interfaceIndex('lo')],
  },
  {
    name: 'waiting without a poller',
    setup: (held) => ({ ends: held.keepAll(Socket.pair()) }),
    run: ({ ends: [a, b] }) => {
      drain(a, b);
      sendAll(a, 'x');
      const flags = new Uint32Array(2);
      let count = 0;
      for (let turn = 0; turn < 5 && count === 0; turn++)
        count = library.waitForAll(Int32Array.of(b.fd, a.fd), Uint32Array.of(READABLE, READABLE), flags, 500);
      return [count, ...flags, waitFor(b, READABLE, 500), waitFor(a, READABLE, 1)];
    },
  },
];
