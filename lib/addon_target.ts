import { builtin } from './builtins.ts';

/** The targets that there is a prebuilt addon for: `<platform>-<arch>`, with `-musl` for that libc. */
export const targets = [
  'linux-x64',
  'linux-x64-musl',
  'linux-arm64',
  'linux-arm64-musl',
  'linux-arm',
  'darwin-x64',
  'darwin-arm64',
  'freebsd-x64',
] as const;

/** Without /proc, or without leave to read it. It takes milliseconds, so it is not asked first. */
function isMuslByReport(): boolean {
  try {
    const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
    return header.glibcVersionRuntime === undefined;
  } catch {
    return false;
  }
}

/** Of this process, not of the machine: a musl build of the runtime may run on any Linux, and an x64 one on an arm64 Mac. */
function isMusl(): boolean {
  try {
    return /\/ld-musl-|\/libc\.musl-/.test(builtin('node:fs').readFileSync('/proc/self/maps', 'latin1'));
  } catch {
    return isMuslByReport();
  }
}

/** What this process needs an addon for. An ARM before version 7 has a name of its own: it would stop at an instruction. */
export function target(): string {
  const { platform, arch } = process;
  if (platform !== 'linux') return `${platform}-${arch}`;
  const { arm_version: version } = process.config.variables as { arm_version?: string };
  const cpu = arch === 'arm' && version !== undefined && Number(version) < 7 ? `armv${version}` : arch;
  return `linux-${cpu}${isMusl() ? '-musl' : ''}`;
}
