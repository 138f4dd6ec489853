import { cgroupLimits } from '../cgroup.ts';
import { formatCount } from '../format.ts';
import type { Environment } from '../results.ts';
import type { ReadText } from '../text_file.ts';
import { bsdLimits, type ReadSysctl } from './bsd_limits.ts';
import type { Limit } from './diagnosis.ts';
import { linuxLimits } from './linux_limits.ts';
import { limitOf, verdictOf, verdictOfUse } from './verdict.ts';

/** What the limits of a system are read from. */
export interface LimitSources {
  readonly platform: NodeJS.Platform;
  readonly read: ReadText;
  readonly sysctl?: ReadSysctl;
  /** What select(2) takes; undefined where nobody can be asked. */
  readonly setSize?: number | undefined;
  readonly environment: Pick<Environment, 'nofile' | 'container'>;
}

const MEBIBYTE = 2 ** 20;

/** Limits that programs with many descriptors run into, those of the process first. */
export function findLimits({ platform, read, sysctl, setSize, environment }: LimitSources): Limit[] {
  const { nofile, container } = environment;
  return [
    ...(nofile === undefined ? [] : descriptors(nofile, container)),
    ...(setSize === undefined ? [] : selectable(setSize, nofile?.soft)),
    ...(platform === 'linux' ? linuxLimits(read, container) : bsdLimits(sysctl)),
    ...(platform === 'linux' ? controlGroup(read, container) : []),
  ];
}

/** Node itself has raised the soft limit to the hard one when it started; what is read here is what it came to. */
function descriptors({ soft, hard }: NonNullable<Environment['nofile']>, container: string | undefined): Limit[] {
  const most = soft === 'unlimited' ? Number.POSITIVE_INFINITY : soft;
  const ceiling = hard === 'unlimited' ? Number.POSITIVE_INFINITY : hard;
  const engine = /docker|podman/.exec(container ?? '')?.[0];
  const raise =
    engine === undefined
      ? 'LimitNOFILE=65536 in the unit (systemctl edit NAME), or nofile in /etc/security/limits.conf'
      : `${engine} run --ulimit nofile=65536:65536`;
  return [
    limitOf({
      name: 'RLIMIT_NOFILE',
      value: soft,
      bounds: 'descriptors of a process',
      why: 'accept, pipe and new Poller throw EMFILE; every connection, file and watch takes one',
      verdict: verdictOf(most, { bitesBelow: 1025, lowBelow: 20_000 }),
      remedy: ceiling >= 65_536 ? 'ulimit -n 65536' : raise,
    }),
  ];
}

function selectable(setSize: number, soft: number | 'unlimited' | undefined): Limit[] {
  return [
    limitOf({
      name: 'FD_SETSIZE',
      value: setSize,
      bounds: 'numbers that select takes',
      why: 'adding a descriptor from this number on to a poller on select throws ERANGE; other backends take any',
      verdict: soft !== undefined && soft !== 'unlimited' && soft <= setSize ? 'ok' : 'low',
      remedy: "new Poller({ backend: 'poll' })",
    }),
  ];
}

function controlGroup(read: ReadText, container: string | undefined): Limit[] {
  const { pids, memory } = cgroupLimits(read);
  const engine = /docker|podman/.exec(container ?? '')?.[0];
  const limits: Limit[] = [];
  if (pids !== undefined) {
    const room = verdictOf(pids.max, { bitesBelow: 64, lowBelow: 256 });
    limits.push(
      limitOf({
        name: 'cgroup pids.max',
        value: pids.max,
        bounds: 'processes and threads',
        why: `starting a process, a Worker or a helper thread fails with EAGAIN${inUse(pids.current)}`,
        verdict: worse(room, verdictOfUse(pids.current ?? 0, pids.max)),
        remedy:
          engine === undefined ? 'TasksMax=4096 in the unit (systemctl edit NAME)' : `${engine} run --pids-limit 4096`,
      }),
    );
  }
  if (memory !== undefined) {
    limits.push(
      limitOf({
        name: 'cgroup memory.max',
        value: memory.max,
        bounds: 'bytes of the group',
        why: `beyond it the kernel ends a process of the group; the buffers of sockets count${inUse(memory.current)}`,
        verdict: verdictOf(memory.max, { bitesBelow: 64 * MEBIBYTE, lowBelow: 256 * MEBIBYTE }),
        remedy: engine === undefined ? 'MemoryMax=1G in the unit (systemctl edit NAME)' : `${engine} run --memory 1g`,
      }),
    );
  }
  return limits;
}

const inUse = (current: number | undefined) =>
  current === undefined ? '' : `; ${formatCount(current)} are in use now`;

const worse = (a: Limit['verdict'], b: Limit['verdict']) => {
  const order: readonly Limit['verdict'][] = ['ok', 'low', 'will bite'];
  return order[Math.max(order.indexOf(a), order.indexOf(b))] ?? a;
};
