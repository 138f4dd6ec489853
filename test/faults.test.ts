// Every system call that the addon makes fails once with each thing that may go wrong with it. What fails is said in
// test/faults/errnos.mjs, and through what it is looked at in the scenarios beside it.
import { beforeAll, describe, expect, it } from 'vitest';
import { backends } from '../lib/index.ts';
import { buildFaults, type FaultReport, walkFaults } from './support/faults.ts';
import { runtime } from './support/runtimes.ts';

/** What the addon imports and the walk leaves alone: nothing of it asks the kernel for anything that it could refuse. */
const harmless = [
  /^napi_|^__|^_ITM_|^_Z/,
  /^(abort|dl_iterate_phdr|getenv|strtoll)$/,
  /^(mem|str|inet_)\w+$|^(ceil|floor|fmod)$/,
  /^clock_gettime$|^sched_yield$|^gete?uid$|^getpid$|^snprintf$/,
  /^pthread_(attr_\w+|cond_\w+|join|mutex_\w+|once|self|sigmask)$/,
  /^sig(addset|emptyset|fillset|ismember|pending)$/,
];

const usable = backends()
  .filter((info) => info.usable)
  .map((info) => info.name);

const sum = (reports: readonly FaultReport[], count: (report: FaultReport) => number): number =>
  reports.reduce((total, report) => total + count(report), 0);

const merged = (records: readonly Readonly<Record<string, number>>[]): Map<string, number> => {
  const all = new Map<string, number>();
  for (const record of records)
    for (const [name, count] of Object.entries(record)) all.set(name, (all.get(name) ?? 0) + count);
  return all;
};

if (process.platform !== 'linux') {
  it('is walked on Linux, by what its loader has in memory', () => expect(process.platform).not.toBe('linux'));
} else {
  describe('when a system call fails', () => {
    let reports: readonly FaultReport[] = [];

    beforeAll(async () => {
      // Its tests are excluded there, but not what they begin with.
      if (runtime !== 'node') return;
      buildFaults();
      const [first = 'poll'] = usable;
      const walks: [string, string][] = [
        ['sockets', first],
        ['old', first],
        ...usable.map((name): [string, string] => ['pollers', name]),
        ['worker-sockets', first],
        ...usable.map((name): [string, string] => ['worker-pollers', name]),
      ];
      const done: FaultReport[] = [];
      for (const [group, backend] of walks) done.push(await walkFaults(group, backend));
      reports = done;
    }, 600_000);

    it('is an error of that call, or nothing is seen of it; all goes on afterwards, and no descriptor is left', () => {
      expect(reports.flatMap((report) => report.complaints)).toEqual([]);
      expect(reports.length).toBe(3 + 2 * usable.length);
    });

    it('leaves no memory behind, and frees none twice', () => {
      expect(reports.flatMap((report) => report.blocks)).toEqual([]);
    });

    it('is told of memory whose size an argument decides; what cannot be done without is small', () => {
      const largest = Math.max(...reports.map((report) => report.largest));
      // What inotify's descriptor is read into.
      expect(largest).toBeLessThanOrEqual(65_536);
    });

    it('has failed: as many as were counted, but for those on other threads', () => {
      const [injected, missed] = [sum(reports, (report) => report.injected), sum(reports, (report) => report.missed)];
      const excused = sum(reports, (report) => [...Object.values(report.excused)].reduce((a, b) => a + b, 0));
      const told = sum(reports, (report) => report.told);
      const survived = sum(reports, (report) => report.survived);
      expect(told + survived + excused).toBe(injected + missed);
      expect(missed).toBeLessThan(injected / 20);
      expect(told).toBeGreaterThan(500);
      expect(survived).toBeGreaterThan(500);
      console.log(
        `${sum(reports, (report) => report.scenarios)} scenarios, ${sum(reports, (report) => report.calls)} calls: ` +
          `${injected} failed, ${told} were told, ${survived - missed} were survived, ${excused} were told otherwise; ` +
          `${sum(reports, (report) => report.closed)} closed a poller`,
      );
    });

    it('may be any: every kind of call has failed', () => {
      const failed = merged(reports.map((report) => report.kinds));
      const never = (reports[0]?.known ?? []).filter((kind) => !failed.has(kind));
      const absent = [
        usable.includes('epoll') ? /^$/ : /^(epoll_(ctl|wait|pwait2)|uv_poll|dup3|timerfd)/,
        usable.includes('kqueue') ? /^$/ : /^(kevent|kqueue)/,
      ];
      expect(never.filter((kind) => !absent.some((pattern) => pattern.test(kind)))).toEqual([]);
    });

    it('may be all that the addon imports, but for what cannot fail', () => {
      const left = Object.entries(reports[0]?.imports ?? {}).filter(([, what]) => what === 'left');
      expect(left.length).toBeGreaterThan(20);
      expect(left.map(([name]) => name).filter((name) => !harmless.some((pattern) => pattern.test(name)))).toEqual([]);
    });

    it('is excused only where that is needed', () => {
      const used = merged(reports.map((report) => report.excused));
      expect((reports[0]?.reasons ?? []).filter((reason) => !used.has(reason))).toEqual([]);
    });
  });
}
