// What a soak must have come to. Pure: from what was recorded to a list of verdicts.
import { linearRegression, linearRegressionLine } from 'simple-statistics';

export const BOUNDS = {
  /** Resident memory after the warm-up: V8's heap breathes, and beyond that it may not climb. */
  breathBytes: 32 * 2 ** 20,
  bytesPerMinute: 2 * 2 ** 20,
  /** The part of a run that is warm-up. */
  warmUp: 1 / 3,
  /** p99 of the quiet peers beside a flood, as a multiple of their p99 without; below the floor both count as that. */
  floodRatio: 10,
  floodFloorMs: 1,
  /** What makes a flood of it: bytes that come back from one peer in a second of it. */
  floodBytes: 4 * 2 ** 20,
  /** Cores that a full, idle server takes at most, and its attempts to accept in a second. */
  fullCores: 0.25,
  fullAttempts: 30,
};

const MIB = 2 ** 20;
const count = (number) => Math.round(number).toLocaleString('en');
const total = (items, key) => items.reduce((sum, item) => sum + item[key], 0);

/** @returns a list of { what, ok, detail } */
export function judge(result, bounds = BOUNDS) {
  const { loads, server, exitCodes } = result;
  const [wrong, missing, checked] = ['wrong', 'missing', 'checked'].map((key) => total(loads, key));
  const [failed, unfinished, unserved] = ['failed', 'unfinished', 'unserved'].map((key) => total(loads, key));
  const first = loads.flatMap(({ failures }) => failures)[0];
  return [
    {
      what: 'no byte is wrong or lost',
      ok: checked > 0 && wrong === 0 && missing === 0,
      detail: `${count(checked)} checked, ${wrong} wrong, ${count(missing)} missing`,
    },
    {
      what: 'every connection is served, and ends as it should',
      ok: failed === 0 && unfinished === 0 && unserved === 0,
      detail: `${failed} failed${first ? ` (${first})` : ''}, ${unfinished} unfinished, ${unserved} never served`,
    },
    {
      what: 'no descriptor is left',
      ok: server.connections === 0 && server.fdsAfter === server.fdsBefore && server.accepted === server.closed,
      detail: `${server.fdsBefore} before, ${server.fdsAfter} after, ${server.accepted - server.closed} of ${count(server.accepted)} not closed`,
    },
    { what: 'every process ends with 0', ok: exitCodes.every((code) => code === 0), detail: exitCodes.join(', ') },
    ...(JUDGES[result.scenario]?.(result, bounds) ?? []),
  ];
}

/** By how much resident memory has grown between the end of the warm-up and the end, along a straight line. */
export function growth(records, warmUp) {
  const held = records.filter(({ phase }) => phase !== 'fill' && phase !== 'stop');
  const warm = held.slice(Math.floor(held.length * warmUp));
  if (warm.length < 2) return { bytes: Number.NaN, minutes: 0 };
  const line = linearRegressionLine(linearRegression(warm.map(({ at, rss }) => [at, rss])));
  const [from, to] = [warm[0].at, warm.at(-1).at];
  return { bytes: line(to) - line(from), minutes: (to - from) / 60 };
}

function memory({ records }, bounds) {
  const { bytes, minutes } = growth(records, bounds.warmUp);
  const allowed = bounds.breathBytes + bounds.bytesPerMinute * minutes;
  return {
    what: 'memory does not grow',
    ok: bytes <= allowed,
    detail: `${(bytes / MIB).toFixed(1)} MiB in ${minutes.toFixed(1)} min after the warm-up, allowed ${(allowed / MIB).toFixed(1)}`,
  };
}

function held({ records, connections }) {
  const most = Math.max(0, ...records.map((record) => record.connections ?? 0));
  return {
    what: 'the connections are held at once',
    ok: most >= connections * 0.95,
    detail: `${count(most)} of ${count(connections)} at the most`,
  };
}

function flooded({ loads }, bounds) {
  const quiet = loads.find(({ scenario }) => scenario === 'quiet')?.phases ?? {};
  if (quiet.quiet === undefined || quiet.flood === undefined)
    return { what: 'a flood leaves the quiet ones alone', ok: false, detail: 'nothing recorded' };
  const least = bounds.floodFloorMs;
  const ratio = Math.max(quiet.flood.p99, least) / Math.max(quiet.quiet.p99, least);
  return {
    what: 'a flood leaves the quiet ones alone',
    ok: ratio <= bounds.floodRatio && quiet.flood.count >= 100 && quiet.quiet.count >= 100,
    detail: `p99 ${quiet.quiet.p99.toFixed(2)} ms without and ${quiet.flood.p99.toFixed(2)} ms with it: × ${ratio.toFixed(1)}, allowed × ${bounds.floodRatio}; ${count(quiet.flood.count)} messages`,
  };
}

function flooding({ loads, seconds }, bounds) {
  const bytes = loads.find(({ scenario }) => scenario === 'flood')?.checked ?? 0;
  return {
    what: 'the flood is one',
    ok: bytes > (seconds / 2) * bounds.floodBytes,
    detail: `${count(bytes / MIB)} MiB from one peer`,
  };
}

function full({ records, places, connections, server }, bounds) {
  const [first, ...rest] = records.filter(({ phase }) => phase === 'full');
  const last = rest.at(-1);
  if (last === undefined) return { what: 'a full server is idle', ok: false, detail: 'nothing recorded' };
  const seconds = last.at - first.at;
  const cores = (last.cpu - first.cpu) / 1000 / seconds;
  const attempts = (last.refused - first.refused) / seconds;
  const most = Math.max(...records.map((record) => record.connections ?? 0));
  return [
    {
      what: 'descriptors run out, and all come in once others have left',
      ok: server.refused > 0 && most <= places + 50 && most < connections && server.accepted >= connections,
      detail: `${count(most)} of ${count(connections)} at once, ${count(server.refused)} times none left, ${count(server.accepted)} accepted`,
    },
    {
      what: 'a full server is idle',
      ok: cores <= bounds.fullCores && attempts <= bounds.fullAttempts && attempts > 0,
      detail: `${(cores * 100).toFixed(1)} % of a core, ${attempts.toFixed(1)} attempts a second in ${seconds.toFixed(1)} s, allowed ${bounds.fullCores * 100} % and ${bounds.fullAttempts}`,
    },
  ];
}

const JUDGES = {
  mixed: (result, bounds) => [held(result), memory(result, bounds)],
  flood: (result, bounds) => [flooded(result, bounds), flooding(result, bounds), memory(result, bounds)],
  exhaustion: (result, bounds) => [full(result, bounds), memory(result, bounds)].flat(),
};
