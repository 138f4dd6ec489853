// The scenarios of a soak: what each starts, in which phases, and how many connections it can have.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { look, start } from './processes.mjs';

export const SCENARIOS = ['mixed', 'flood', 'exhaustion'];

/** Descriptors of a process that are no connections: Node's own, and those on their way in and out. */
const OTHERS = 100;
/** select takes numbers below 1024; some are Node's, and some of clients that are gone and not closed yet. */
const SELECT_MOST = 900;
/** Those without a descriptor have to wait in the queue of the listener, which is 4096 long. */
const EXHAUSTION_MOST = 4000;
/** What one process of the load can drive. */
const PER_LOAD = 7000;
const QUIET = 99;
const PHASE_MS = 2000;
const LEAVE_MS = 60_000;

/** How many connections there will be, and why fewer than asked for. */
export function connectionsOf(scenario, { connections, backend, hard }) {
  if (scenario === 'flood') return { connections: QUIET + 1 };
  const limits = [
    [connections, undefined],
    [hard - OTHERS, `ulimit -Hn is ${hard}`],
    ...(backend === 'select' ? [[SELECT_MOST, 'select takes descriptors below 1024']] : []),
    ...(scenario === 'exhaustion' ? [[EXHAUSTION_MOST, 'the others have to fit into the queue of the listener']] : []),
  ];
  const [least, why] = limits.reduce((a, b) => (b[0] < a[0] ? b : a));
  return { connections: least, why };
}

function loadsOf(scenario, connections) {
  if (scenario === 'flood')
    return [
      { scenario: 'quiet', connections: QUIET, pause: 100 },
      { scenario: 'flood', connections: 1, pause: 20 },
    ];
  const many = Math.ceil(connections / PER_LOAD);
  return Array.from({ length: many }, (_, i) => ({
    scenario,
    connections: Math.floor((connections + i) / many),
  }));
}

/**
 * Runs one scenario. `options`: { scenario, connections, backend, hosting, seconds, seed, rate: acts a second, hard:
 * the most descriptors, fault, within: a command that runs the server, onRecord }. What comes back is for `judge`, the plot and the file.
 */
export async function run(options) {
  const { scenario, connections, backend, hosting, seconds, seed, rate, hard, fault, onRecord } = options;
  const folder = mkdtempSync(join(tmpdir(), 'fdpoll-soak-'));
  const path = join(folder, 'echo');
  const places = scenario === 'exhaustion' ? Math.floor(connections / 2) : connections;
  const children = [];
  const records = [];
  let sampler;
  try {
    const descriptors = scenario === 'exhaustion' ? places + OTHERS / 2 : hard;
    const began = performance.now();
    const server = start('server.mjs', { backend, hosting, path, fault }, descriptors, options.within);
    children.push(server);
    const { port } = await server.until('port', 60_000);
    const many = loadsOf(scenario, connections);
    const loads = many.map((load, index) =>
      start(
        'load.mjs',
        { pause: (connections / rate) * 1000, ...load, index, of: many.length, port, path, seed, leave: LEAVE_MS },
        hard,
      ),
    );
    children.push(...loads);
    let phase = 'fill';
    const sample = () => {
      if (server.exitCode !== undefined) return;
      const record = recordOf({ at: (performance.now() - began) / 1000, phase, server, loads });
      records.push(record);
      onRecord?.(record, records.at(-2));
    };
    const tell = (line) => {
      if (line.startsWith('phase')) phase = line.slice(6);
      for (const load of loads) load.tell(line);
    };
    sampler = setInterval(sample, 1000);
    await PLANS[scenario]({ tell, sleep, seconds, loads, sample });
    phase = 'stop';
    tell('stop');
    const ends = await Promise.all(loads.map((load) => load.until('end', LEAVE_MS + 30_000)));
    server.tell('stop');
    const end = await server.until('end', 20_000);
    clearInterval(sampler);
    await Promise.all(children.map(({ ended }) => ended));
    return {
      ...{ scenario, backend, hosting, connections, places, seconds, seed, rate },
      exitCodes: children.map(({ exitCode }) => exitCode),
      records,
      loads: ends.map((report, i) => ({ scenario: many[i].scenario, ...report })),
      server: end,
    };
  } finally {
    clearInterval(sampler);
    for (const child of children) child.kill();
    await Promise.all(children.map(({ ended }) => ended));
    rmSync(folder, { recursive: true });
  }
}

const served = (loads) => Promise.all(loads.map((load) => load.until('served', 120_000)));

/** What each scenario does between the start of its processes and the end. */
const PLANS = {
  async mixed({ tell, seconds, loads }) {
    await served(loads);
    tell('phase hold');
    await sleep(seconds * 1000);
  },
  /** Quiet and flooded spells take turns, so that what disturbs the machine disturbs both. */
  async flood({ tell, seconds, loads }) {
    await served(loads);
    const spells = Math.max(2, Math.round((seconds * 1000) / PHASE_MS / 2));
    await sleep(500);
    for (let i = 0; i < spells; i++) {
      tell('phase quiet');
      await sleep(PHASE_MS);
      tell('phase flood');
      await sleep(PHASE_MS);
    }
    tell('phase over');
  },
  /** Nobody leaves at first: the server is full, and idle. Then all come and go. */
  async exhaustion({ tell, seconds, sample }) {
    await sleep(2000);
    tell('phase full');
    sample();
    await sleep((seconds * 1000) / 2);
    sample();
    tell('phase churn');
    await sleep((seconds * 1000) / 2);
  },
};

/** A line of the record: counts since the start; latencies and batches of the last second. */
function recordOf({ at, phase, server, loads }) {
  const { connections, accepted, closed, refused, bytes, batches, events, perBatch } = server.latest('batches') ?? {};
  const reports = loads.map((load) => load.latest('connected')).filter((report) => report !== undefined);
  const sum = (key) => reports.reduce((total, report) => total + report[key], 0);
  // Of several processes the worst: percentiles do not add up.
  const worst = (key) => Math.max(0, ...reports.map(({ latency }) => latency[key] ?? 0));
  const latency = Object.fromEntries(['p50', 'p90', 'p99', 'max'].map((key) => [key, worst(key)]));
  return {
    ...{ at, phase, ...look(server.pid), connections, accepted, closed, refused, bytes, batches, events, perBatch },
    ...{ connected: sum('connected'), checked: sum('checked'), messages: sum('messages'), latency },
  };
}
