import {
  type BackendName,
  ERROR,
  Poller,
  PRIORITY,
  READ_CLOSED,
  READABLE,
  WRITABLE,
  WRITE_CLOSED,
  waitFor,
} from '../../index.ts';
import { messageOf } from '../command.ts';
import type { Cell, DescriptorKind, FlagName } from './diagnosis.ts';
import { linuxKinds } from './linux_specimens.ts';
import { settle } from './settle.ts';
import { type Kind, portableKinds, type Specimen } from './specimens.ts';

const FLAGS: readonly (readonly [FlagName, number])[] = [
  ['readable', READABLE],
  ['writable', WRITABLE],
  ['priority', PRIORITY],
  ['read-closed', READ_CLOSED],
  ['write-closed', WRITE_CLOSED],
  ['error', ERROR],
];

/** All that can be tried on this system, in the order of the table. */
export function kindsOf(platform: NodeJS.Platform): readonly Kind[] {
  if (platform !== 'linux') return portableKinds;
  const sockets = portableKinds.findIndex(({ name }) => name.startsWith('TCP'));
  return portableKinds.toSpliced(sockets, 0, ...linuxKinds);
}

/** What becomes of each kind of descriptor on each backend, tried here and now. */
export async function probeDescriptors(
  backends: readonly BackendName[],
  kinds: readonly Kind[] = kindsOf(process.platform),
): Promise<DescriptorKind[]> {
  const found: DescriptorKind[] = [];
  for (const kind of kinds) found.push(await probeKind(kind, backends));
  return found;
}

async function probeKind(kind: Kind, backends: readonly BackendName[]): Promise<DescriptorKind> {
  const about = { kind: kind.name, ...(kind.stimulus !== undefined && { stimulus: kind.stimulus }) };
  let specimen: Specimen;
  try {
    specimen = kind.open();
  } catch (error) {
    return { ...about, missing: messageOf(error), cells: [] };
  }
  const registrations = backends.map((backend) => new Registration(backend, specimen.fd));
  try {
    for (const registration of registrations) registration.look('before');
    if (specimen.stimulate !== undefined) {
      specimen.stimulate();
      settle(specimen.fd, backends[0]);
    }
    const plain = plainly(specimen.fd);
    for (const registration of registrations) registration.look('after');
    return { ...about, ...(plain && { plain }), cells: registrations.map(({ cell }) => cell) };
  } catch (error) {
    return { ...about, missing: messageOf(error), cells: [] };
  } finally {
    for (const registration of registrations) registration.close();
    await specimen.close();
  }
}

/** One descriptor in a poller of its own, asked for both directions, level-triggered. */
class Registration {
  readonly cell: Cell;
  readonly #poller: Poller | undefined;

  constructor(backend: BackendName, fd: number) {
    this.cell = { backend, before: [], after: [] };
    try {
      this.#poller = new Poller({ backend });
      this.#poller.add(fd, READABLE | WRITABLE);
    } catch (error) {
      this.cell.refused = String((error as { code?: unknown }).code);
    }
  }

  look(when: 'before' | 'after'): void {
    if (this.cell.refused !== undefined) return;
    const events = this.#poller?.wait(0);
    this.cell[when] = namesOf(events?.flags[0] ?? 0, events?.length ?? 0);
  }

  close(): void {
    this.#poller?.close();
  }
}

/** What poll(2) says by itself. Undefined where a sandbox refuses it. */
function plainly(fd: number): FlagName[] | undefined {
  try {
    return namesOf(waitFor(fd, READABLE | WRITABLE, 0), 1);
  } catch {
    return undefined;
  }
}

function namesOf(flags: number, events: number): FlagName[] {
  return events === 0 ? [] : FLAGS.filter(([, flag]) => (flags & flag) !== 0).map(([name]) => name);
}
