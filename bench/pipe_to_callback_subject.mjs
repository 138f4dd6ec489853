// One byte goes round through a pipe and the event loop, all in one thread: written, heard of by a callback, read there,
// and the next one written. usage: pipe_to_callback_subject.mjs NAME TURNS [FOLDER]; FOLDER is where npm has put koffi
// and epoll. Prints { callback, turn }: nanoseconds from before the write to the callback, and of a whole turn, both the
// median of all turns. fdpoll reads and writes with its own calls, the others with node:fs, as their users do.
import { read as readAsync, readSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { Poller, pipe, READABLE, read, setNonBlocking, write } from 'fdpoll';
import { median } from 'simple-statistics';

const [name, turns, folder] = process.argv.slice(2);
const TURNS = Number(turns);
const WARM = Math.ceil(TURNS / 4);
const [reader, writer] = pipe();
for (const fd of [reader, writer]) setNonBlocking(fd, true);
const byte = Buffer.alloc(1);
const ours = name === 'loop' || name === 'thread';
const [take, put] = ours ? [read, write] : [readSync, writeSync];

/** A module of another project. */
const other = (module) => createRequire(join(folder, 'package.json'))(module);

const callbacks = new Float64Array(TURNS);
const wholes = new Float64Array(TURNS);
let turn = -WARM;
let written = 0;

function next() {
  const now = performance.now();
  // Before the first turn that counts, this goes where nothing is kept.
  wholes[turn - 1] = now - written;
  written = now;
  put(writer, byte);
}

function arrived() {
  callbacks[turn] = performance.now() - written;
}

/** The callback of a subject that leaves the reading to its user. */
function heard() {
  arrived();
  take(reader, byte);
  goOn();
}

function goOn() {
  turn++;
  if (turn <= TURNS) return next();
  const nanoseconds = (samples) => median(samples) * 1e6;
  console.log(JSON.stringify({ callback: nanoseconds(callbacks), turn: nanoseconds(wholes) }));
  process.exit();
}

function hosted(hosting) {
  const poller = new Poller({ backend: 'epoll', hosting });
  poller.add(reader, READABLE);
  poller.start(heard);
}

const subjects = {
  loop: () => hosted('loop'),
  thread: () => hosted('thread'),
  // Without options it watches for reading alone.
  koffi: () => other('koffi').node.poll(reader, heard),
  epoll: () => {
    const { Epoll } = other('epoll');
    return new Epoll(heard).add(reader, Epoll.EPOLLIN);
  },
  // A stream, which has read the byte before it tells; `onread` spares it the buffers.
  'net.Socket': () => {
    const callback = () => {
      arrived();
      goOn();
      return true;
    };
    new Socket({ fd: reader, onread: { buffer: byte, callback } }).resume();
  },
  // A thread of the pool, which waits in read().
  'fs.read': () => {
    setNonBlocking(reader, false);
    const again = () =>
      readAsync(reader, byte, 0, 1, null, () => {
        arrived();
        goOn();
        again();
      });
    again();
  },
};

const watch = subjects[name]();
// Others' watches end when they are collected.
process.on('exit', () => watch);
next();
