// Keeps a program running: starts it again when it ends, ever more slowly when it ends at once, and when its file changes.
// SIGHUP restarts it, SIGTERM and SIGINT end it and this. One poller for processes, files, timers and signals.
// usage: node examples/supervisor.mjs PROGRAM [ARGUMENTS ...]
import { spawn } from 'node:child_process';
import { basename, dirname } from 'node:path';
import { Poller } from 'fdpoll';

const [program, ...args] = process.argv.slice(2);
if (program === undefined) {
  console.error('usage: supervisor.mjs PROGRAM [ARGUMENTS ...]');
  process.exit(2);
}
const [LEAST, MOST, PATIENCE] = [100, 10_000, 5000]; // milliseconds

const poller = new Poller();
let running; // the process that runs, as a source
let pause = LEAST;
let ending = false;

function start() {
  const begun = performance.now();
  const child = spawn(program, args, { stdio: 'inherit' });
  child.on('error', (error) => console.log(`cannot start it: ${error.message}`));
  if (child.pid === undefined) return again.set(pause);
  console.log(`started ${child.pid}`);
  running = poller.addProcess(child.pid, { data: () => ended(begun) });
}

function ended(begun) {
  console.log(`${running.pid} ended with ${running.signalCode ?? running.exitCode}`);
  running = undefined;
  late.set(Number.POSITIVE_INFINITY);
  if (ending) return poller.close();
  pause = performance.now() - begun < 1000 ? Math.min(2 * pause, MOST) : LEAST;
  again.set(pause);
}

/** Ends what runs; it is started again unless this is the end. */
function end(signal) {
  if (running === undefined) return;
  process.kill(running.pid, signal);
  late.set(PATIENCE);
}

const again = poller.addTimer(0, { data: start });
// For one that does not end when it is asked to.
const late = poller.addTimer(Number.POSITIVE_INFINITY, { data: () => end('SIGKILL') });
for (const signal of ['SIGTERM', 'SIGINT']) {
  poller.addSignal(signal, {
    data: () => {
      ending = true;
      again.close();
      if (running === undefined) poller.close();
      else end(signal);
    },
  });
}
poller.addSignal('SIGHUP', { data: () => end('SIGTERM') });
// The directory, not the file: whoever writes a new version moves it over the old one.
const watch = poller.addWatch(dirname(program), {
  events: ['close-write', 'move-to'],
  data: () => {
    if (watch.changes.some(({ name }) => name === basename(program))) end('SIGTERM');
  },
});

poller.start((events) => {
  for (const event of events) event.data();
});
