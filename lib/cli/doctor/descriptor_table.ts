import { wrap } from '../format.ts';
import { renderColumns } from './columns.ts';
import type { Cell, DescriptorKind, FlagName } from './diagnosis.ts';

const NONE = '–';

const ALWAYS_READY = 'always ready, so no poller takes it; read and write it without waiting';

/** What the code of a refusal means. */
const REFUSALS: ReadonlyMap<string, string> = new Map([
  ['EPERM', 'a sandbox refuses it'],
  ['EMFILE', 'this process has as many descriptors as it may'],
  ['ENOTSUP', 'the backend cannot watch this kind'],
  ['ERANGE', 'its number is too great for select'],
  ['ELOOP', 'pollers are nested too deep'],
  ['ENOSPC', 'fs.epoll.max_user_watches is used up'],
]);

/** Kinds of descriptor in rows, backends in columns, and under them what needs an explanation. */
export function renderDescriptors(kinds: readonly DescriptorKind[], width: number): string {
  const backends = [...new Set(kinds.flatMap(({ cells }) => cells.map(({ backend }) => backend)))];
  const rows = kinds.map(({ kind, stimulus, missing, cells }) => {
    const outcomes = backends.map((name) => cells.find(({ backend }) => backend === name));
    return {
      kind,
      stimulus: missing === undefined ? stimulus : undefined,
      outcomes: outcomes.map((cell) => (cell ? outcomeOf(cell, stimulus) : NONE)),
    };
  });
  const full = renderColumns(
    ['descriptor', ...backends, 'after'],
    rows.map(({ kind, stimulus, outcomes }) => [kind, ...outcomes, stimulus ?? NONE]),
  );
  const fits = full.split('\n').every((line) => line.length <= width);
  const table = fits
    ? full
    : renderColumns(
        ['descriptor', ...backends],
        rows.map(({ kind, outcomes }) => [kind, ...outcomes]),
      );
  return [table, ...explanations(kinds).map((line) => `${wrap(line, width, 2)}\n`)].join('');
}

/** What was reported: `readable`, `both`, `nothing`, or the code of the refusal. */
export function outcomeOf({ refused, before, after }: Cell, stimulus: string | undefined): string {
  if (refused !== undefined) return refused;
  if (stimulus !== undefined && before.includes('readable')) return 'always ready';
  const both = after.includes('readable') && after.includes('writable');
  const [first, ...rest] = both ? ['both', ...after.filter((flag) => !isDirection(flag))] : after;
  return first === undefined ? 'nothing' : [first, ...rest].join(', ');
}

function isDirection(flag: FlagName): boolean {
  return flag === 'readable' || flag === 'writable';
}

function takes({ cells }: DescriptorKind, name: Cell['backend']): boolean {
  return cells.some(({ backend, refused }) => backend === name && refused === undefined);
}

function explanations(kinds: readonly DescriptorKind[]): string[] {
  const refusals = new Map<string, Set<string>>();
  for (const { kind, cells } of kinds) {
    for (const { backend, refused } of cells) {
      if (refused === undefined) continue;
      // A sandbox would refuse every kind.
      const ready = refused === 'EPERM' && kinds.some((other) => takes(other, backend));
      const reason = `${refused}: ${(ready ? ALWAYS_READY : REFUSALS.get(refused)) ?? 'the system call refused it'}`;
      refusals.set(reason, (refusals.get(reason) ?? new Set()).add(kind));
    }
  }
  return [
    ...[...refusals].map(([reason, names]) => `${reason} (${[...names].join(', ')}).`),
    ...kinds.flatMap(({ kind, missing }) => (missing === undefined ? [] : [`${NONE} ${kind}: not tried, ${missing}.`])),
  ];
}
