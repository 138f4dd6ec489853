// Microseconds from a write to a pipe to the JavaScript callback that hears of it, in one thread and through the event
// loop: fdpoll hosted on the loop and by a thread, npm's koffi and epoll, and what Node itself has. The packages are
// installed in a temporary folder. Linux, taskset, npm, a C++ compiler, `npm run compile`.
// usage: node bench/pipe_to_callback.mjs [--rounds N] [--turns N]
import { parseArgs } from 'node:util';
import { inTurn, outputOf, printRatios, script, withPackages } from './lib/ratio.mjs';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '11' }, turns: { type: 'string', default: '50000' } },
});
const { rounds, turns } = values;
// One that is hosted by a thread has two of them, and a processor for each.
const CPUS = '0,1';

await withPackages({ 'koffi@3.3.4': 'prebuilt', 'epoll@4.0.2': 'compiled' }, async (folder) => {
  const subject = (name) => script('pipe_to_callback_subject.mjs', name, turns, folder);
  const subjects = {
    fdpoll: subject('loop'),
    control: subject('loop'),
    'by a thread': subject('thread'),
    koffi: subject('koffi'),
    epoll: subject('epoll'),
    'net.Socket': subject('net.Socket'),
    'fs.read': subject('fs.read'),
  };
  const samples = await inTurn(Number(rounds), subjects, (command) => JSON.parse(outputOf(CPUS, command)));
  for (const [key, what] of [
    ['callback', 'from the write to the callback'],
    ['turn', 'a whole turn: write, callback, read'],
  ]) {
    console.log(`${what}: ${turns} turns, ${rounds} rounds`);
    const of = ([name, its]) => [name, its.map((sample) => sample[key] / 1000)];
    printRatios(Object.fromEntries(Object.entries(samples).map(of)), 'µs');
  }
});
