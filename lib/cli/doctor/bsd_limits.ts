import { execFileSync } from 'node:child_process';
import { formatCount } from '../format.ts';
import type { Limit } from './diagnosis.ts';
import { limitOf, type Thresholds, verdictOf, verdictOfUse } from './verdict.ts';

/** What sysctl(8) prints for names; it says nothing of those that a system does not have. */
export type ReadSysctl = (names: readonly string[]) => string;

interface Rule extends Thresholds, Pick<Limit, 'bounds' | 'why'> {
  /** macOS, FreeBSD, NetBSD and OpenBSD have different names: the first that is there counts. */
  readonly keys: readonly string[];
  readonly enough: number;
}

const RULES: readonly Rule[] = [
  {
    keys: ['kern.maxfilesperproc'],
    ...{ bitesBelow: 1024, lowBelow: 20_000, enough: 65_536 },
    bounds: 'greatest RLIMIT_NOFILE',
    why: 'ulimit -n cannot be raised above it',
  },
  {
    keys: ['kern.ipc.soacceptqueue', 'kern.ipc.somaxconn', 'kern.somaxconn'],
    ...{ bitesBelow: 129, lowBelow: 1024, enough: 4096 },
    bounds: 'connections not accepted',
    why: 'a burst of connections is dropped while the process is busy; listen(4096) is cut to it without a word',
  },
  {
    keys: ['kern.ipc.maxsockbuf', 'kern.sbmax'],
    ...{ bitesBelow: 65_536, lowBelow: 1_048_576, enough: 8_388_608 },
    bounds: 'bytes of a socket buffer',
    why: 'a larger SO_RCVBUF or SO_SNDBUF is refused with ENOBUFS',
  },
  {
    keys: ['kern.maxproc'],
    ...{ bitesBelow: 256, lowBelow: 1000, enough: 4000 },
    bounds: 'processes of the machine',
    why: 'starting a process fails with EAGAIN',
  },
];

/** First and last of the ports that connect chooses from. */
const PORTS: readonly (readonly [first: string, last: string])[] = [
  ['net.inet.ip.portrange.first', 'net.inet.ip.portrange.last'],
  ['net.inet.ip.anonportmin', 'net.inet.ip.anonportmax'],
  ['net.inet.ip.porthifirst', 'net.inet.ip.porthilast'],
];

const OPEN_FILES = ['kern.openfiles', 'kern.num_files', 'kern.nfiles'];

const NAMES: readonly string[] = [
  'kern.maxfiles',
  ...OPEN_FILES,
  ...RULES.flatMap(({ keys }) => keys),
  ...PORTS.flat(),
];

/** Asks sysctl(8). Its exit status tells that some names were unknown, which is what is to be expected. */
export const readSysctl: ReadSysctl = (names) => {
  try {
    return execFileSync('sysctl', names, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], timeout: 5000 });
  } catch (error) {
    return String((error as { stdout?: unknown }).stdout ?? '');
  }
};

/** Limits of macOS and the BSDs; what a system does not have is left out. */
export function bsdLimits(sysctl: ReadSysctl = readSysctl): Limit[] {
  const values = parseSysctl(sysctl(NAMES));
  const numbers = RULES.flatMap((rule): Limit[] => {
    const name = rule.keys.find((key) => values.has(key));
    if (name === undefined) return [];
    const value = values.get(name) ?? 0;
    const { bounds, why, enough } = rule;
    return [limitOf({ name, value, bounds, why, verdict: verdictOf(value, rule), remedy: command(name, enough) })];
  });
  return [...openFiles(values), ...numbers, ...ports(values)];
}

/** `name: 1` of macOS and FreeBSD, `name=1` of OpenBSD, `name = 1` of NetBSD. */
export function parseSysctl(text: string): Map<string, number> {
  return new Map(
    [...text.matchAll(/^([\w.]+)\s*[:=]\s*(\d+)\s*$/gm)].map(([, name = '', value]) => [name, Number(value)]),
  );
}

function openFiles(values: ReadonlyMap<string, number>): Limit[] {
  const max = values.get('kern.maxfiles');
  if (max === undefined) return [];
  const open = OPEN_FILES.map((name) => values.get(name)).find((value) => value !== undefined);
  return [
    limitOf({
      name: 'kern.maxfiles',
      value: max,
      bounds: 'open files of the machine',
      why: `accept, open and new Poller throw ENFILE in every process${open === undefined ? '' : `; ${formatCount(open)} are open now`}`,
      verdict: verdictOfUse(open ?? 0, max),
      remedy: command('kern.maxfiles', max * 4),
    }),
  ];
}

function ports(values: ReadonlyMap<string, number>): Limit[] {
  const [name = '', last = ''] = PORTS.find(([key]) => values.has(key)) ?? [];
  const from = values.get(name);
  const to = values.get(last);
  if (from === undefined || to === undefined || to < from) return [];
  return [
    limitOf({
      name,
      value: `${from}-${to}`,
      bounds: `${formatCount(to - from + 1)} ports for connect`,
      why: 'connect throws EADDRNOTAVAIL when as many go to the same address and port, those in TIME_WAIT included',
      verdict: verdictOf(to - from + 1, { bitesBelow: 5000, lowBelow: 16_000 }),
      remedy: command(name, 10_000),
    }),
  ];
}

function command(name: string, value: number): string {
  return `sysctl ${process.platform === 'darwin' || process.platform === 'netbsd' ? '-w ' : ''}${name}=${value}`;
}
