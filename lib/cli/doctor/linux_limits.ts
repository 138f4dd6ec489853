import { formatCount } from '../format.ts';
import type { ReadText } from '../text_file.ts';
import type { Limit } from './diagnosis.ts';
import { limitOf, type Thresholds, verdictOf, verdictOfUse } from './verdict.ts';

/** A number of /proc/sys that may be too small. */
interface Rule extends Thresholds, Pick<Limit, 'bounds' | 'why'> {
  readonly key: string;
  /** What to raise it to. */
  readonly enough: number;
  /** It belongs to a network namespace: a container has its own, and sets it by itself. */
  readonly perNetwork?: boolean;
}

const RULES: readonly Rule[] = [
  {
    key: 'fs.nr_open',
    ...{ bitesBelow: 4096, lowBelow: 65_536, enough: 1_048_576 },
    bounds: 'greatest RLIMIT_NOFILE',
    why: 'ulimit -n cannot be raised above it, by root neither',
  },
  {
    key: 'fs.epoll.max_user_watches',
    ...{ bitesBelow: 10_000, lowBelow: 100_000, enough: 1_000_000 },
    bounds: 'registrations of a user',
    why: 'poller.add throws ENOSPC; all programs of the user count together',
  },
  {
    key: 'fs.inotify.max_user_watches',
    ...{ bitesBelow: 1024, lowBelow: 65_536, enough: 524_288 },
    bounds: 'watched files of a user',
    why: 'addWatch throws ENOSPC; editors and build tools of the same user count, too',
  },
  {
    key: 'fs.inotify.max_user_instances',
    ...{ bitesBelow: 16, lowBelow: 128, enough: 1024 },
    bounds: 'watchers of a user',
    why: 'addWatch throws EMFILE; containers that run as the same user share it',
  },
  {
    key: 'fs.inotify.max_queued_events',
    ...{ bitesBelow: 1024, lowBelow: 16_384, enough: 65_536 },
    bounds: 'changes not read yet',
    why: 'a watch tells overflow, and the changes are lost',
  },
  {
    key: 'net.core.somaxconn',
    ...{ bitesBelow: 129, lowBelow: 1024, enough: 4096, perNetwork: true },
    bounds: 'connections not accepted',
    why: 'a burst of connections is dropped while the process is busy; listen(4096) is cut to it without a word',
  },
  {
    key: 'net.ipv4.tcp_max_syn_backlog',
    ...{ bitesBelow: 128, lowBelow: 512, enough: 4096, perNetwork: true },
    bounds: 'half-open connections',
    why: 'in a burst of new clients some connect a second late, or by SYN cookies, which lose options',
  },
  {
    key: 'net.core.rmem_max',
    ...{ bitesBelow: 65_536, lowBelow: 1_048_576, enough: 8_388_608 },
    bounds: 'bytes of SO_RCVBUF',
    why: 'setOption cuts a larger receive buffer to it without a word; bursts of UDP beyond it are dropped',
  },
  {
    key: 'net.core.wmem_max',
    ...{ bitesBelow: 65_536, lowBelow: 1_048_576, enough: 8_388_608 },
    bounds: 'bytes of SO_SNDBUF',
    why: 'setOption cuts a larger send buffer to it without a word; batches of UDP stop there',
  },
  {
    key: 'net.unix.max_dgram_qlen',
    ...{ bitesBelow: 2, lowBelow: 64, enough: 512, perNetwork: true },
    bounds: 'unix datagrams not read',
    why: 'the sender has no room (-1) after so many that were not read, however small they are',
  },
  {
    key: 'kernel.pid_max',
    ...{ bitesBelow: 4096, lowBelow: 32_768, enough: 4_194_304 },
    bounds: 'processes and threads',
    why: 'starting a process, a Worker or a helper thread fails with EAGAIN',
  },
  {
    key: 'kernel.threads-max',
    ...{ bitesBelow: 1024, lowBelow: 8192, enough: 65_536 },
    bounds: 'threads of the machine',
    why: 'starting a process, a Worker or a helper thread fails with EAGAIN',
  },
];

/** Limits of /proc/sys; what this kernel does not have is left out. */
export function linuxLimits(read: ReadText, container: string | undefined): Limit[] {
  const numbers = RULES.flatMap((rule): Limit[] => {
    const value = toNumber(readSysctl(read, rule.key));
    if (value === undefined) return [];
    const { key, bounds, why, enough, perNetwork = false } = rule;
    const remedy = command(key, enough, perNetwork ? container : undefined);
    return [limitOf({ name: key, value, bounds, why, verdict: verdictOf(value, rule), remedy })];
  });
  return [...openFiles(read), ...numbers, ...ports(read, container)];
}

function openFiles(read: ReadText): Limit[] {
  const max = toNumber(readSysctl(read, 'fs.file-max'));
  const open = toNumber(readSysctl(read, 'fs.file-nr'));
  if (max === undefined || open === undefined) return [];
  return [
    limitOf({
      name: 'fs.file-max',
      value: max,
      bounds: 'open files of the machine',
      why: `accept, open and new Poller throw ENFILE in every process but those of root; ${formatCount(open)} are open now`,
      verdict: verdictOfUse(open, max),
      remedy: command('fs.file-max', max * 4, undefined),
    }),
  ];
}

function ports(read: ReadText, container: string | undefined): Limit[] {
  const key = 'net.ipv4.ip_local_port_range';
  const [first, last] = readSysctl(read, key)?.split(/\s+/).map(Number) ?? [];
  if (first === undefined || last === undefined || !(last >= first)) return [];
  return [
    limitOf({
      name: key,
      value: `${first}-${last}`,
      bounds: `${formatCount(last - first + 1)} ports for connect`,
      why: 'connect throws EADDRNOTAVAIL when as many go to the same address and port, those in TIME_WAIT included',
      verdict: verdictOf(last - first + 1, { bitesBelow: 5000, lowBelow: 28_000 }),
      remedy: command(key, '"10000 65535"', container),
    }),
  ];
}

function command(key: string, value: number | string, container: string | undefined): string {
  const engine = /docker|podman/.exec(container ?? '')?.[0];
  return engine === undefined ? `sysctl -w ${key}=${value}` : `${engine} run --sysctl ${key}=${value}`;
}

function readSysctl(read: ReadText, key: string): string | undefined {
  return read(`/proc/sys/${key.replaceAll('.', '/')}`)?.trim();
}

/** The first number of a file that may have several. */
function toNumber(text: string | undefined): number | undefined {
  const found = /^\d+/.exec(text ?? '')?.[0];
  return found === undefined ? undefined : Number(found);
}
