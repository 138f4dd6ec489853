// Passes a descriptor over D-Bus: two clients of one bus, where the first calls the second with the reading end of a
// pipe, and the second sends it back. node examples/dbus_descriptor.mjs [PATH OF THE BUS]
// The bytes are those of the D-Bus specification, as little of them as this needs; the transport is a stream of fdpoll
// that passes descriptors, which is also what a full D-Bus library would be given.
import { readSync, writeSync } from 'node:fs';
import { close, pipe, Socket, toDuplex } from 'fdpoll';

const [CALL, RETURN, ERROR] = [1, 2, 3];
const FIELDS = { path: [1, 'o'], interface: [2, 's'], member: [3, 's'], replyTo: [5, 'u'], destination: [6, 's'] };
Object.assign(FIELDS, { sender: [7, 's'], signature: [8, 'g'], fds: [9, 'u'] });
const NAMES = new Map(Object.entries(FIELDS).map(([name, [code]]) => [code, name]));

/** Bytes in D-Bus's marshalling, little-endian: every value is aligned to its size from the beginning of the message. */
class Writer {
  bytes = [];
  align(size) {
    while (this.bytes.length % size !== 0) this.bytes.push(0);
  }
  u32(value) {
    this.align(4);
    for (let shift = 0; shift < 32; shift += 8) this.bytes.push((value >>> shift) & 0xff);
  }
  value(type, value) {
    if (type === 'u' || type === 'h') {
      this.u32(value);
    } else {
      if (type === 'g') this.bytes.push(value.length);
      else this.u32(Buffer.byteLength(value));
      this.bytes.push(...Buffer.from(value), 0);
    }
  }
}

function marshal({ type, serial, body = [], ...fields }) {
  const writer = new Writer();
  writer.bytes.push('l'.charCodeAt(0), type, 0, 1, 0, 0, 0, 0);
  writer.u32(serial);
  writer.u32(0); // the length of the fields, once it is known
  for (const [name, value] of Object.entries(fields)) {
    const [code, kind] = FIELDS[name];
    writer.align(8);
    writer.bytes.push(code);
    writer.value('g', kind);
    writer.value(kind, value);
  }
  const length = writer.bytes.length - 16;
  writer.align(8);
  const begin = writer.bytes.length;
  for (const [i, kind] of [...(fields.signature ?? '')].entries()) writer.value(kind, body[i]);
  const bytes = Buffer.from(writer.bytes);
  bytes.writeUInt32LE(bytes.length - begin, 4);
  bytes.writeUInt32LE(length, 12);
  return bytes;
}

/** The message at the beginning of these bytes; undefined while it is not whole. */
function unmarshal(bytes) {
  if (bytes.length < 16) return undefined;
  const fieldsEnd = 16 + bytes.readUInt32LE(12);
  const begin = Math.ceil(fieldsEnd / 8) * 8;
  const length = begin + bytes.readUInt32LE(4);
  if (bytes.length < length) return undefined;
  let at = 16;
  const align = (size) => {
    at = Math.ceil(at / size) * size;
  };
  const read = (kind) => {
    if (kind !== 'g') align(4);
    const value = kind === 'g' ? bytes[at] : bytes.readUInt32LE(at);
    at += kind === 'g' ? 1 : 4;
    if (kind === 'u' || kind === 'h') return value;
    at += value + 1;
    return bytes.toString('utf8', at - value - 1, at - 1);
  };
  const message = { type: bytes[1], serial: bytes.readUInt32LE(8), length, body: [] };
  while (at < fieldsEnd) {
    align(8);
    const name = NAMES.get(bytes[at++]);
    message[name] = read(read('g'));
  }
  at = begin;
  for (const kind of message.signature ?? '') message.body.push(read(kind));
  return message;
}

class Client {
  #stream;
  #serial = 0;
  #bytes = Buffer.alloc(0);
  #fds = [];
  #answers = new Map();
  #line;
  onCall;

  constructor(path) {
    this.#stream = toDuplex(Socket.connect(`unix:${path}`), { fds: true });
    this.#stream.on('fds', (fds) => this.#fds.push(...fds));
    this.#stream.on('data', (chunk) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk]);
      if (this.#line !== undefined) this.#readLine();
      else this.#readMessages();
    });
    this.#stream.on('error', (error) => this.#fail(error));
    this.#stream.on('end', () => this.#fail(new Error('the bus has hung up')));
  }

  #fail(error) {
    for (const { reject } of [...this.#answers.values(), this.#line ?? []]) reject?.(error);
  }

  /** Who we are is told by the socket itself (EXTERNAL); then both sides agree to pass descriptors. */
  async authenticate() {
    const uid = Buffer.from(String(process.getuid())).toString('hex');
    await this.#say(`\0AUTH EXTERNAL ${uid}\r\n`, /^OK /);
    await this.#say('NEGOTIATE_UNIX_FD\r\n', /^AGREE_UNIX_FD$/);
    this.#stream.write('BEGIN\r\n');
    const bus = 'org.freedesktop.DBus';
    const { body } = await this.call({ destination: bus, path: '/', interface: bus, member: 'Hello' });
    return body[0];
  }

  call(message, fds = []) {
    this.#send({ type: CALL, ...message }, fds);
    return new Promise((resolve, reject) => this.#answers.set(this.#serial, { resolve, reject }));
  }

  answer({ serial, sender }, message, fds) {
    // Between two peers without a bus nobody has a name.
    const to = sender === undefined ? {} : { destination: sender };
    this.#send({ type: RETURN, replyTo: serial, ...to, ...message }, fds);
  }

  end() {
    this.#stream.end();
  }

  #send(message, fds) {
    const count = fds.length > 0 ? { fds: fds.length } : {};
    this.#stream.writeWithFds(marshal({ serial: ++this.#serial, ...message, ...count }), fds);
  }

  #say(words, expected) {
    this.#stream.write(words);
    return new Promise((resolve, reject) => {
      const heard = (line) => (expected.test(line) ? resolve(line) : reject(new Error(`the bus says ${line}`)));
      this.#line = { heard, reject };
    });
  }

  #readLine() {
    const end = this.#bytes.indexOf('\r\n');
    if (end < 0) return;
    const [line, { heard }] = [this.#bytes.toString('latin1', 0, end), this.#line];
    this.#bytes = this.#bytes.subarray(end + 2);
    this.#line = undefined;
    heard(line);
  }

  #readMessages() {
    for (let message = unmarshal(this.#bytes); message; message = unmarshal(this.#bytes)) {
      this.#bytes = this.#bytes.subarray(message.length);
      // The descriptors of a message came with its first byte or before: so many of them are its own.
      const fds = this.#fds.splice(0, message.fds ?? 0);
      const waiting = this.#answers.get(message.replyTo);
      this.#answers.delete(message.replyTo);
      if (message.type === CALL) this.onCall(message, fds);
      else if (message.type === RETURN) waiting?.resolve({ ...message, fds });
      else if (message.type === ERROR) waiting?.reject(new Error(message.body.join(' ')));
    }
  }
}

async function main(path) {
  const [here, there] = [new Client(path), new Client(path)];
  const names = [await here.authenticate(), await there.authenticate()];
  console.log(`the bus calls us ${names.join(' and ')}`);
  there.onCall = (call, fds) => {
    there.answer(call, { signature: 'h', body: [0] }, fds);
    for (const fd of fds) close(fd); // the stream has its own until they are sent
  };

  const [read, write] = pipe();
  const method = { destination: names[1], path: '/', interface: 'org.example.Mirror', member: 'Reflect' };
  const { fds } = await here.call({ ...method, signature: 'h', body: [0] }, [read]);
  close(read);
  writeSync(write, 'a pipe went over the bus and came back');
  const buffer = Buffer.alloc(64);
  console.log(buffer.toString('utf8', 0, readSync(fds[0], buffer)));
  for (const fd of [write, ...fds]) close(fd);
  for (const client of [here, there]) client.end();
}

const fromEnvironment = /unix:path=([^,;]*)/.exec(process.env.DBUS_SESSION_BUS_ADDRESS ?? '')?.[1];
main(process.argv[2] ?? fromEnvironment ?? '/run/dbus/system_bus_socket').catch((error) => {
  console.error(`${error.message} ${error.address ?? ''}`.trim());
  process.exitCode = 1;
});
