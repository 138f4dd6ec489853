// Milliseconds of processor time to arm many timers with deadlines spread over 1 to 200 ms, and to have them fire: those
// of a poller, in a loop on poller.wait() and hosted, as a ratio to setTimeout with the same deadlines in the same round;
// and how late they come, none early. Linux, taskset, `npm run compile`. usage: node bench/timers.mjs [--rounds N] [--timers N]
import { parseArgs } from 'node:util';
import { max, median } from 'simple-statistics';
import { inTurn, outputOf, printRatios, script } from './lib/ratio.mjs';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '11' }, timers: { type: 'string', default: '10000' } },
});
const { rounds, timers } = values;

const subject = (name) => script('timers_subject.mjs', name, timers);
const subjects = {
  setTimeout: subject('setTimeout'),
  control: subject('setTimeout'),
  'wait()': subject('blocking'),
  loop: subject('loop'),
  thread: subject('thread'),
};
const samples = await inTurn(Number(rounds), subjects, (command) => JSON.parse(outputOf('0,1', command)));
const column = (key, scale = 1) =>
  Object.fromEntries(Object.entries(samples).map(([name, its]) => [name, its.map((sample) => sample[key] / scale)]));

console.log(`${timers} timers, ${rounds} rounds: processor time`);
printRatios(column('cpu', 1000), 'ms');
const [early, late, latest] = ['early', 'late', 'latest'].map((key) => column(key));
for (const name of Object.keys(subjects)) {
  const lateness = `late by ${median(late[name]).toFixed(2)} ms (median), ${max(latest[name]).toFixed(2)} ms (greatest)`;
  console.log(`${name.padEnd(12)} ${max(early[name])} early, ${lateness}`);
}
