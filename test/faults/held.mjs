// What scenarios share: what is to be closed after them, and transfers that go on where they were cut short.
import { library } from './library.mjs';

const { READABLE, WRITABLE, close, waitFor } = library;

/** What a scenario throws that has no address to go on with: see excuses.mjs. */
const noAddress = new Error('the kernel tells no address');

/** As the kernel tells it. */
export const addressOf = (socket) => {
  const address = socket.localAddress;
  if (address === undefined) throw noAddress;
  return address;
};

/** What a run has made. Everything is closed at its end, whatever closing says of it. */
export class Held {
  #all = [];

  keep(resource) {
    this.#all.push(typeof resource === 'number' ? () => close(resource) : () => resource.close());
    return resource;
  }

  keepAll(resources) {
    for (const resource of resources) this.keep(resource);
    return resources;
  }

  after(action) {
    this.#all.push(action);
  }

  /** The errors of closing. */
  end() {
    const errors = [];
    for (const action of this.#all.splice(0).reverse()) {
      try {
        action();
      } catch (error) {
        errors.push(error);
      }
    }
    return errors;
  }
}

const TURNS = 60;

/** Repeats what would block, when it may be over. */
export const soon = (descriptor, interest, attempt) => {
  for (let turn = 0; turn < TURNS; turn++) {
    const result = attempt();
    if (result !== -1 && result !== undefined && result !== false) return result;
    waitFor(descriptor, interest, 50);
  }
  throw new Error('it was never ready');
};

/** All of the bytes, in as many calls as it takes: `move(from)` makes one of them. */
const all = (descriptor, interest, length, move) => {
  for (let moved = 0; moved < length; ) {
    const count = soon(descriptor, interest, () => move(moved));
    if (count === 0) throw new Error(`the end after ${moved} of ${length} bytes`);
    moved += count;
  }
};

export const sendAll = (socket, text) => {
  const bytes = Buffer.from(text);
  all(socket, WRITABLE, bytes.length, (from) => socket.send(bytes, from));
};

export const writeAll = (fd, text) => {
  const bytes = Buffer.from(text);
  all(fd, WRITABLE, bytes.length, (from) => library.write(fd, bytes, from));
};

export const recvAll = (socket, length) => {
  const bytes = Buffer.alloc(length);
  all(socket, READABLE, length, (from) => socket.recv(bytes, from));
  return bytes.toString();
};

export const readAll = (fd, length) => {
  const bytes = Buffer.alloc(length);
  all(fd, READABLE, length, (from) => library.read(fd, bytes, from));
  return bytes.toString();
};

/** Two ends of a TCP connection, made without the help of what is tested when it is not armed. */
export const connection = (held) => {
  const listener = held.keep(library.Socket.listen('127.0.0.1:0'));
  const client = held.keep(library.Socket.connect(listener.localAddress));
  const server = held.keep(soon(listener, READABLE, () => listener.accept()));
  waitFor(client, WRITABLE, 1000);
  return [client, server];
};

/** Waits with a poller until `happened(events)` gives something. */
export const waitUntil = (poller, happened, turns = 10) => {
  for (let turn = 0; turn < turns; turn++) {
    const result = happened(poller.wait(100));
    if (result !== undefined) return result;
  }
  throw new Error('it was never told');
};
