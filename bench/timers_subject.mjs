// Timers with deadlines spread over some time, armed and fired. usage: timers_subject.mjs NAME TIMERS; prints
// { cpu, early, late, latest }: microseconds of processor time, how many came too early, and by how many milliseconds
// the median and the last of all came too late.
import { Poller } from 'fdpoll';
import { max, median } from 'simple-statistics';

const [name, timers] = process.argv.slice(2);
const TIMERS = Number(timers);
const FIRST = 1;
const LAST = 200;

/** The same numbers in each process (mulberry32). */
function randomNumbers(state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const random = randomNumbers(4);
const delays = Float64Array.from({ length: TIMERS }, () => FIRST + random() * (LAST - FIRST));
const deadlines = new Float64Array(TIMERS);
const lateness = new Float64Array(TIMERS);
let fired = 0;

const subjects = {
  setTimeout: () => arm((ms, i) => setTimeout(fire, ms, i)),
  blocking: () => {
    const poller = new Poller();
    arm((ms, i) => poller.addTimer(ms, { data: i }));
    while (fired < TIMERS) fireAll(poller.wait());
  },
  loop: () => hosted('loop'),
  thread: () => hosted('thread'),
};

function hosted(hosting) {
  const poller = new Poller({ hosting });
  arm((ms, i) => poller.addTimer(ms, { data: i }));
  poller.start(fireAll);
}

function arm(add) {
  for (let i = 0; i < TIMERS; i++) {
    deadlines[i] = performance.now() + delays[i];
    add(delays[i], i);
  }
}

function fire(i) {
  lateness[i] = performance.now() - deadlines[i];
  fired++;
  if (fired === TIMERS) report();
}

function fireAll(events) {
  for (let i = 0; i < events.length; i++) fire(events.data(i));
}

function report() {
  const { user, system } = process.cpuUsage(before);
  const early = lateness.reduce((count, late) => count + (late < 0 ? 1 : 0), 0);
  const cpu = user + system;
  console.log(JSON.stringify({ cpu, early, late: median(lateness), latest: max(lateness) }));
  process.exit();
}

const before = process.cpuUsage();
subjects[name]();
