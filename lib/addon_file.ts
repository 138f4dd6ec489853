import { builtin } from './builtins.ts';

const LOAD = 1;
/** e_machine of ELF, by Node's names; those that there are addons for, and those that are met most. */
const MACHINES: Readonly<Record<number, string>> = {
  3: 'ia32',
  8: 'mips',
  21: 'ppc64',
  22: 's390x',
  40: 'arm',
  62: 'x64',
  183: 'arm64',
  243: 'riscv64',
  258: 'loong64',
};
/** Programs and libraries of other systems, by how they begin. */
const OTHERS: readonly [magic: string, what: string][] = [
  ['cffaedfe', 'a Mach-O file, of macOS'],
  ['cefaedfe', 'a Mach-O file, of macOS'],
  ['cafebabe', 'a Mach-O file, of macOS'],
  ['4d5a', 'a PE file, of Windows'],
];

const le = (head: Buffer, offset: number, size: number): number =>
  size === 8 ? Number(head.readBigUInt64LE(offset)) : head.readUIntLE(offset, size);

/** How long an ELF file has to be, so that all that the system's loader maps is there. */
function lengthOfElf(head: Buffer): number {
  const wide = head[4] === 2;
  const start = wide ? le(head, 32, 8) : le(head, 28, 4);
  const [each, count] = [le(head, wide ? 54 : 42, 2), le(head, wide ? 56 : 44, 2)];
  let length = start + each * count;
  for (let at = start; at < start + each * count && at + (wide ? 56 : 32) <= head.length; at += each) {
    if (le(head, at, 4) !== LOAD) continue;
    length = Math.max(
      length,
      wide ? le(head, at + 8, 8) + le(head, at + 32, 8) : le(head, at + 4, 4) + le(head, at + 16, 4),
    );
  }
  return length;
}

function problem(head: Buffer, size: number, arch: string): string | undefined {
  if (size === 0) return 'it is empty';
  const magic = head.toString('hex', 0, 4);
  const other = OTHERS.find(([begin]) => magic.startsWith(begin));
  if (other !== undefined) return `it is ${other[1]}`;
  if (magic !== '7f454c46') return 'it is no library of this system';
  if (size < 64) return `it is cut short: ${size} bytes`;
  // Byte order: none of the machines with the other one has an addon.
  const machine = head[5] === 1 ? MACHINES[le(head, 18, 2)] : undefined;
  if (machine !== arch && Object.values(MACHINES).includes(arch))
    return `it is for ${machine ?? 'another machine'}, not for ${arch}`;
  const length = lengthOfElf(head);
  return size < length ? `it is cut short: ${size} bytes of ${length} or more` : undefined;
}

/**
 * Why a file cannot be loaded as an addon, where it is known before one tries: undefined for one that may be, or that
 * cannot be read. glibc maps what the headers promise without looking whether it is there, and the process dies of
 * SIGBUS; of another machine's file it says that there is no such file.
 */
export function addonFileProblem(path: string): string | undefined {
  if (process.platform === 'darwin' || process.platform === 'win32') return undefined; // dyld looks for itself.
  const { closeSync, fstatSync, openSync, readSync } = builtin('node:fs');
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return undefined;
  }
  try {
    const head = Buffer.alloc(4096);
    const read = readSync(fd, head, 0, head.length, 0);
    return problem(head.subarray(0, Math.max(read, 64)), fstatSync(fd).size, process.arch);
  } catch {
    return undefined;
  } finally {
    closeSync(fd);
  }
}
