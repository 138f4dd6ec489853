import type { OptionType } from './option_numbers.ts';
import { FAMILY_OPTIONS } from './option_table_families.ts';
import { INET_OPTIONS } from './option_table_inet.ts';
import { SOCKET_OPTIONS } from './option_table_socket.ts';
import { TRANSPORT_OPTIONS } from './option_table_transport.ts';

export type Access = 'read' | 'write';

/** An option: its type, how it is used when not both ways, what there is to know. */
export type OptionRow = readonly [name: string, type: OptionType, access?: Access | undefined, note?: string];

/** The options of one level; `level` is a name in `constants`. */
export interface OptionGroup {
  readonly title: string;
  readonly level: string;
  readonly rows: readonly OptionRow[];
}

export interface Option {
  readonly name: string;
  readonly level: string;
  readonly type: OptionType;
  readonly readable: boolean;
  readonly writable: boolean;
}

/** Every option that has a name here. The documentation is made of it. */
export const OPTION_GROUPS: readonly OptionGroup[] = [
  ...SOCKET_OPTIONS,
  ...INET_OPTIONS,
  ...TRANSPORT_OPTIONS,
  ...FAMILY_OPTIONS,
];

let index: ReadonlyMap<string, Option> | undefined;

export function findOption(name: string): Option | undefined {
  index ??= new Map(
    OPTION_GROUPS.flatMap(({ level, rows }) =>
      rows.map(([each, type, access]): [string, Option] => [
        each,
        { name: each, level, type, readable: access !== 'write', writable: access !== 'read' },
      ]),
    ),
  );
  return index.get(name);
}
