// What thread_hops.c measures, through a poller that a thread hosts: a byte is written to a pipe, the helper's wait ends
// (hop 1), and the callback is called on this thread (hop 2). usage: thread_hops_subject.mjs hops TURNS PAUSE; prints the
// median of the nanoseconds from before the write to the callback.
// thread_hops_subject.mjs batches PIPES TURNS: as many pipes become ready at once, in each turn while the helper has
// nothing to wait for; prints the callbacks for each turn.
import { readSync, writeSync } from 'node:fs';
import { Poller, pipe, READABLE, setNonBlocking } from 'fdpoll';
import { median } from 'simple-statistics';

const [what, ...rest] = process.argv.slice(2);
const byte = Buffer.alloc(1);

function openPipe() {
  const ends = pipe();
  for (const fd of ends) setNonBlocking(fd, true);
  return ends;
}

function start(pipes, callback) {
  const poller = new Poller({ backend: 'epoll', hosting: 'thread' });
  for (const [reader] of pipes) poller.add(reader, READABLE);
  poller.start(callback);
}

function hops(turns, pause) {
  const [reader, writer] = openPipe();
  const samples = new Float64Array(turns);
  let turn = -Math.ceil(turns / 4);
  let written = 0;
  // After the callback, since the helper waits again when it has returned. The pause lets it get there; a sleep would
  // measure cold caches.
  function next() {
    const until = performance.now() + pause / 1000;
    while (performance.now() < until);
    written = performance.now();
    writeSync(writer, byte);
  }
  start([[reader, writer]], () => {
    // Before the first turn that counts, this goes where nothing is kept.
    samples[turn] = performance.now() - written;
    readSync(reader, byte);
    turn++;
    if (turn < turns) return void setImmediate(next);
    console.log((median(samples) * 1e6).toFixed(0));
    process.exit();
  });
  next();
}

function batches(count, turns) {
  const pipes = Array.from({ length: count }, openPipe);
  const fill = () => {
    for (const [, writer] of pipes) writeSync(writer, byte);
  };
  let callbacks = 0;
  let missing = 1;
  let turn = -1;
  start(pipes, (events) => {
    callbacks++;
    for (const { fd } of events) readSync(fd, byte);
    missing -= events.length;
    if (missing > 0) return;
    if (turn === -1) callbacks = 0;
    turn++;
    if (turn < turns) {
      missing = count;
      return fill();
    }
    console.log(callbacks / turns);
    process.exit();
  });
  // One is enough to come to a callback.
  writeSync(pipes[0][1], byte);
}

const subjects = { hops, batches };
subjects[what](...rest.map(Number));
