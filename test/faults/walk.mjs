// Walks the faults of one scenario: each call that it makes, each thing that may go wrong with it.
//
// A scenario is { name, setup(held, backend), run(context, held), closed?(context) }. `setup` makes what lasts, and
// nothing in it fails. `run` is what is tested: it may be made again with the same context, whatever became of it before, cleans up
// by `held`, and its result says all that it promises. `closed` says that a failure has closed what lasts.
// `inWorkers: false` keeps it out of Workers.
import { readdirSync, readlinkSync } from 'node:fs';
import { faultsOf, kinds, LONG, numberOf } from './errnos.mjs';
import { excuseOf } from './excuses.mjs';
import { Held } from './held.mjs';
import { faults, library } from './library.mjs';

const { FdError } = library;
const PATIENCE = 1000;

const uncaught = [];
let abort = () => {};
process.on('uncaughtException', (error) => {
  uncaught.push(error);
  abort(error);
});

const warnings = [];
process.on('warning', (warning) => warnings.push(warning));

/** The result of what may be a promise; an error that nobody caught ends it, and so does too long a time. */
const settled = (result) => {
  if (typeof result?.then !== 'function') return result;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`it hangs: nothing for ${PATIENCE} ms`)), PATIENCE);
    abort = reject;
    result.then(resolve, reject).finally(() => clearTimeout(timer));
  });
};

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** One run: its result, and all errors that anybody was told of. */
const once = async (scenario, context) => {
  const held = new Held();
  const outcome = { value: undefined, errors: [] };
  let isAsync = false;
  try {
    const result = scenario.run(context, held);
    isAsync = typeof result?.then === 'function';
    outcome.value = isAsync ? await settled(result) : result;
  } catch (error) {
    outcome.errors.push(error);
  }
  outcome.errors.push(...held.end());
  // What was thrown where nobody catches comes a turn later.
  if (isAsync) await turn();
  abort = () => {};
  for (const error of uncaught.splice(0)) if (!outcome.errors.includes(error)) outcome.errors.push(error);
  return outcome;
};

export const descriptors = () => {
  const list = [];
  for (const name of readdirSync('/proc/self/fd')) {
    try {
      list.push(`${name} ${readlinkSync(`/proc/self/fd/${name}`)}`);
    } catch {
      // The one that read the directory.
    }
  }
  return list;
};

/** What is open and was not, or the other way round; libuv and child_process close theirs a little late. */
export const changed = async (before) => {
  for (let round = 0; ; round++) {
    const now = descriptors();
    const difference = [
      ...now.filter((entry) => !before.includes(entry)).map((entry) => `left open: ${entry}`),
      ...before.filter((entry) => !now.includes(entry)).map((entry) => `closed: ${entry}`),
    ];
    if (difference.length === 0 || round === 100) return difference;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

const text = (error) => (error instanceof Error ? `${error.name}: ${error.message}` : String(error));

/** What is wrong with an error, undefined when it is one that is promised. */
const complaintOf = (error, kind, fault) => {
  if (!(error instanceof FdError)) return `no FdError: ${error?.stack ?? error}`;
  const names = kinds[kind][1];
  if (fault === LONG)
    return error.code === 'ERR_FDPOLL_INTERNAL' && /^the kernel gave more .*report/.test(error.message)
      ? undefined
      : `another error: ${text(error)}`;
  if (error.code !== fault) return `another code: ${text(error)}`;
  if (error.errno !== -numberOf(fault)) return `the errno ${error.errno}: ${text(error)}`;
  if (!names.includes(error.syscall)) return `another call, ${error.syscall}: ${text(error)}`;
  if (!error.message.startsWith(`${error.syscall} ${error.code}: `)) return `no name in the message: ${text(error)}`;
  return undefined;
};

/** 'told', 'survived' or complaints about the run that had the fault. */
const judge = (outcome, expected, kind, fault) => {
  const same = JSON.stringify(outcome.value) === expected;
  if (outcome.errors.length === 0) {
    return same ? 'survived' : [`another result: ${JSON.stringify(outcome.value)} instead of ${expected}`];
  }
  if (fault === 'EINTR' && kind !== 'ioctl') return [`an interruption is seen: ${outcome.errors.map(text).join('; ')}`];
  // After a failure has closed the poller its own cleaning up may meet it closed.
  const [first, ...more] = outcome.errors;
  const others = more.filter((error) => error.code !== 'ERR_FDPOLL_CLOSED');
  const complaints = [first, ...others].map((error) => complaintOf(error, kind, fault)).filter(Boolean);
  return complaints.length === 0 ? 'told' : complaints;
};

const check = async (scenario, context, expected) => {
  const again = await once(scenario, context);
  if (again.errors.length > 0) return [`afterwards: ${again.errors.map((error) => error?.stack ?? error).join('; ')}`];
  const value = JSON.stringify(again.value);
  return value === expected ? [] : [`afterwards: ${value} instead of ${expected}`];
};

/** The scenario without a fault, twice on one context: its result, and how often it makes each kind of call. */
const counted = async (scenario, backend) => {
  const before = descriptors();
  const held = new Held();
  const context = await scenario.setup(held, backend);
  faults.count();
  const outcome = await once(scenario, context);
  const calls = faults.count();
  const expected = JSON.stringify(outcome.value);
  const complaints = outcome.errors.map((error) => `without a fault: ${error?.stack ?? error}`);
  if (complaints.length === 0) complaints.push(...(await check(scenario, context, expected)));
  complaints.push(...held.end().map(text));
  await scenario.teardown?.(context);
  // What a first run leaves is there once for the process; but libkqueue closes late what it has opened for a queue.
  await changed(before);
  return { calls, expected, complaints };
};

const inject = async (scenario, backend, expected, { kind, nth, fault }, report) => {
  const held = new Held();
  await turn();
  const before = descriptors();
  const live = faults.live();
  const context = await scenario.setup(held, backend);
  faults.arm(kind, nth, numberOf(fault));
  const outcome = await once(scenario, context);
  if (faults.disarm()) {
    report.injected++;
    report.kinds[kind] = (report.kinds[kind] ?? 0) + 1;
  } else {
    report.missed++;
  }
  const where = `${scenario.name}: ${kind} ${nth} ${fault}`;
  const complaints = [];
  const verdict = judge(outcome, expected, kind, fault);
  const excuse = Array.isArray(verdict) ? excuseOf(scenario.name, kind, fault, verdict.join('\n')) : undefined;
  if (excuse !== undefined) {
    report.excused[excuse] = (report.excused[excuse] ?? 0) + 1;
  } else if (Array.isArray(verdict)) complaints.push(...verdict);
  else report[verdict]++;
  if (scenario.closed?.(context)) report.closed++;
  else complaints.push(...(await check(scenario, context, expected)));
  complaints.push(...held.end().map((error) => `at the end: ${text(error)}`));
  await scenario.teardown?.(context);
  complaints.push(...(await changed(before)));
  // What the event loop lets go of comes a turn later.
  for (let round = 0; round < 20 && faults.live() !== live; round++) await turn();
  if (faults.live() !== live) report.blocks.push(`${where}: ${faults.live() - live}`);
  report.complaints.push(...complaints.map((complaint) => `${where}: ${complaint}`));
};

export const newReport = () => ({
  scenarios: 0,
  calls: 0,
  injected: 0,
  missed: 0,
  told: 0,
  survived: 0,
  closed: 0,
  largest: 0,
  kinds: {},
  excused: {},
  complaints: [],
  blocks: [],
});

export const walk = async (scenario, backend, report) => {
  const { calls, expected, complaints } = await counted(scenario, backend);
  report.scenarios++;
  if (complaints.length > 0) {
    report.complaints.push(...complaints.map((complaint) => `${scenario.name}: ${complaint}`));
    return;
  }
  for (const [kind, count] of Object.entries(calls)) {
    report.calls += count;
    if (kinds[kind] === undefined) {
      report.complaints.push(`${scenario.name}: nothing is known of ${kind}`);
      continue;
    }
    const wanted = faultsOf(kind).filter((fault) => !(scenario.without?.[kind] ?? []).includes(fault));
    for (let nth = 1; nth <= count; nth++)
      for (const fault of wanted) await inject(scenario, backend, expected, { kind, nth, fault }, report);
  }
  report.largest = Math.max(report.largest, faults.largest());
  // What was left open without a descriptor to show for it is found when it is collected, and said as a warning.
  for (let round = 0; round < 3; round++) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  report.complaints.push(...warnings.splice(0).map((warning) => `${scenario.name}: ${text(warning)}`));
};
