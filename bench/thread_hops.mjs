// Microseconds from readiness to the callback of a poller that a thread hosts, as a ratio to two hops between plain C
// threads by eventfd in the same round: with a processor for each thread, and with one for both; and how many callbacks
// 1000 pipes take that are ready at once. Linux, taskset, a C compiler, `npm run compile`.
// usage: node bench/thread_hops.mjs [--rounds N] [--turns N] [--pause MICROSECONDS]
import { parseArgs } from 'node:util';
import { inTurn, outputOf, printRatios, script, withCompiled } from './lib/ratio.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '11' },
    turns: { type: 'string', default: '20000' },
    pause: { type: 'string', default: '50' },
  },
});
const { rounds, turns, pause } = values;
const PIPES = 1000;

await withCompiled(['thread_hops'], async (compiled) => {
  const floor = [compiled('thread_hops'), turns, pause];
  const subjects = {
    'C threads': floor,
    control: floor,
    fdpoll: script('thread_hops_subject.mjs', 'hops', turns, pause),
  };
  for (const [cpus, what] of [
    ['0,1', 'a processor for each thread'],
    ['0', 'one processor for both'],
  ]) {
    const measure = (command) => Number(outputOf(cpus, command)) / 1000;
    const samples = await inTurn(Number(rounds), subjects, measure);
    console.log(`${what}: ${turns} turns with a pause of ${pause} µs before each, ${rounds} rounds`);
    printRatios(samples, 'µs');
  }
});
const callbacks = outputOf('0,1', script('thread_hops_subject.mjs', 'batches', PIPES, 1000)).trim();
console.log(`${PIPES} ready at once: ${callbacks} callbacks`);
