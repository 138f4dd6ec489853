// The targets of the prebuilt addons, in one place: what zig calls each, and what must be true of the file. A name is
// `<process.platform>-<process.arch>`, with `-musl` for that libc, as lib/addon_target.ts gives it.

/** `machine` as llvm-readobj says it; `glibc` is the newest version of a symbol that may be wanted. */
export const TARGETS = {
  'linux-x64': { zig: 'x86_64-linux-gnu.2.17', system: 'Linux', machine: 'EM_X86_64', glibc: '2.17' },
  'linux-x64-musl': { zig: 'x86_64-linux-musl', system: 'Linux', machine: 'EM_X86_64' },
  'linux-arm64': { zig: 'aarch64-linux-gnu.2.28', system: 'Linux', machine: 'EM_AARCH64', glibc: '2.28' },
  'linux-arm64-musl': { zig: 'aarch64-linux-musl', system: 'Linux', machine: 'EM_AARCH64' },
  // Node for it wants 2.28 as well; the processor's version 7 is said by -mcpu, since zig's default has no NEON.
  'linux-arm': {
    zig: 'arm-linux-gnueabihf.2.28',
    system: 'Linux',
    machine: 'EM_ARM',
    glibc: '2.28',
    flags: ['-mcpu=generic+v7a'],
  },
  'darwin-x64': { zig: 'x86_64-macos.11.0', system: 'Darwin', machine: '64-bit x86-64', macos: '11.0' },
  'darwin-arm64': { zig: 'aarch64-macos.11.0', system: 'Darwin', machine: 'arm64', macos: '11.0' },
  'freebsd-x64': { zig: 'x86_64-freebsd.14.0', system: 'FreeBSD', machine: 'EM_X86_64' },
};
