// Load and soak: one server on one poller, held and loaded by other processes that check every byte which comes back.
// usage: soak.mjs [--connections N] [--minutes N | --seconds N] [--backend NAME|all] [--hosting wait|loop|thread|all]
//                 [--seed N] [--rate N] [--out FOLDER] [--fault NAME] [--valgrind] [SCENARIO...]
// Scenarios: mixed, flood, exhaustion; without one all of them. --rate: acts of all clients together in a second.
// --fault makes the server misbehave (wrong-byte, lost-byte, leak, spin, greedy, hoard), to see that it is found out.
// Each run leaves its record as JSON and as a page with a plot in build/soak. Linux, which tells of processes in /proc.
// --valgrind: first the native tests under memcheck, then the server, in a short and small soak of the scenario mixed
// unless another is named.
import { parseArgs } from 'node:util';
import { backends } from 'fdpoll';
import { hardLimit } from './soak/processes.mjs';
import { Report } from './soak/report.mjs';
import { connectionsOf, run, SCENARIOS } from './soak/scenarios.mjs';
import { nativeTests, WITHIN_VALGRIND } from './soak/valgrind.mjs';
import { judge } from './soak/verdict.mjs';

const HOSTINGS = ['wait', 'loop', 'thread'];
const FAULTS = ['wrong-byte', 'lost-byte', 'leak', 'spin', 'greedy', 'hoard'];

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    connections: { type: 'string' },
    minutes: { type: 'string' },
    seconds: { type: 'string' },
    backend: { type: 'string' },
    hosting: { type: 'string', default: 'wait' },
    seed: { type: 'string', default: '1' },
    rate: { type: 'string' },
    out: { type: 'string', default: 'build/soak' },
    fault: { type: 'string' },
    valgrind: { type: 'boolean', default: false },
  },
});

// Memcheck has one thread at a time, and takes ten times as long or more.
const usual = values.valgrind
  ? { connections: '50', minutes: '0.1', rate: '100', scenarios: ['mixed'] }
  : { connections: '20000', minutes: '1', rate: '2000', scenarios: SCENARIOS };

function number(name, least = 1) {
  const given = values[name] ?? usual[name];
  const value = Number(given);
  if (!(value >= least)) throw new Error(`--${name} is a number from ${least}, not ${given}`);
  return value;
}

function choice(name, given, all) {
  for (const one of given) if (!all.includes(one)) throw new Error(`no ${name} ${one}: there are ${all.join(', ')}`);
  return given;
}

if (process.platform !== 'linux') throw new Error('the soak reads /proc, which Linux has');

const usable = backends().filter((info) => info.usable);
const names = usable.map(({ name }) => name);
const chosen = choice('backend', values.backend === 'all' ? names : [values.backend ?? names[0]], names);
const hostings = choice('hosting', values.hosting === 'all' ? HOSTINGS : [values.hosting], HOSTINGS);
const scenarios = choice('scenario', positionals.length > 0 ? positionals : usual.scenarios, SCENARIOS);
if (values.fault !== undefined) choice('fault', [values.fault], FAULTS);
const seconds = values.seconds === undefined ? number('minutes', 0.05) * 60 : number('seconds', 3);
const wanted = Math.floor(number('connections', 10));
const hard = hardLimit();

/** Only an epoll set can be watched by Node's loop. */
const fits = (backend, hosting) => hosting !== 'loop' || backend === 'epoll';
const runs = scenarios.flatMap((scenario) =>
  chosen.flatMap((backend) =>
    hostings.filter((hosting) => fits(backend, hosting)).map((hosting) => ({ scenario, backend, hosting })),
  ),
);
if (runs.length === 0) throw new Error(`${chosen.join(', ')} is not hosted by the loop`);

let failed = values.valgrind && !(await nativeTests()) ? 1 : 0;
for (const which of runs) {
  const { connections, why } = connectionsOf(which.scenario, { connections: wanted, backend: which.backend, hard });
  const report = new Report(which, { connections, seconds });
  if (why !== undefined) console.log(`${connections.toLocaleString('en')} connections: ${why}`);
  try {
    const result = await run({
      ...{ ...which, connections, seconds, hard, seed: number('seed', 0), rate: number('rate') },
      ...{ fault: values.fault, within: values.valgrind ? WITHIN_VALGRIND : [] },
      ...{ onRecord: (record) => report.row(record) },
    });
    const verdicts = judge(result);
    report.end(result, verdicts, values.out);
    if (verdicts.some(({ ok }) => !ok)) failed++;
  } catch (error) {
    // A process that hangs or crashes has told why by itself.
    console.log(`FAILED  ${error.message}`);
    failed++;
  }
}
console.log(failed === 0 ? `\n${runs.length} runs, nothing lost` : `\n${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
