// The addon for other systems than this one: CMake with zig as its compiler. zig is a package of its own (tools/zig),
// since it is large; it is installed on demand, pinned by version and integrity.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);

function run(command, args) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 2 ** 28 });
  if (error) throw error;
  // Shown only when it fails: zig tells of warnings in the headers and libraries that it brings.
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}\n${stdout}${stderr}`);
}

/** The path of the compiler itself: the package's own command starts a process of Node for each call. */
export function zigPath() {
  const tools = join(root, 'tools/zig');
  const zig = join(tools, `node_modules/@zigc/${process.platform}-${process.arch}/bin/zig`);
  // Not `npm ci`: the lock pins what it lists by integrity, but cannot list packages of other platforms that a registry
  // may lack, and `npm ci` then refuses it.
  if (!existsSync(zig)) run('npm', ['install', '--no-save', '--prefix', tools, '--no-audit', '--no-fund']);
  return zig;
}

// Nothing here throws or asks for a type at run time; and no path of this machine gets into the file.
const COMPILE = [
  '-Os',
  '-DNDEBUG',
  '-g0',
  '-fno-exceptions',
  '-fno-rtti',
  '-fno-unwind-tables',
  '-fno-asynchronous-unwind-tables',
  '-ffunction-sections',
  '-fdata-sections',
  `-ffile-prefix-map=${root}=.`,
];
const ELF = ['-s', '-Wl,--gc-sections', '-Wl,-z,noexecstack', '-Wl,-z,relro', '-Wl,-z,now'];
const LINK = {
  ELF: [...ELF, `-Wl,--version-script=${join(root, 'cmake/exports.map')}`],
  Darwin: ['-s', '-Wl,-dead_strip'],
};

/** CMake wants the path of one program for each of these. */
function writeTools(folder, zig) {
  mkdirSync(folder, { recursive: true });
  for (const tool of ['ar', 'ranlib'])
    writeFileSync(join(folder, tool), `#!/bin/sh\nexec '${zig}' ${tool} "$@"\n`, { mode: 0o755 });
  return folder;
}

/**
 * Builds the addon for a target, in a folder of its own, warnings as errors; the path of what came of it. Several
 * sources are compiled as one: most of the time goes into the headers of the C++ library.
 */
export function buildAddon({ flags = [], system, zig: target }, folder) {
  const zig = zigPath();
  const definitions = {
    CMAKE_TOOLCHAIN_FILE: join(root, 'cmake/zig.cmake'),
    FDPOLL_ZIG: zig,
    FDPOLL_ZIG_TARGET: target,
    FDPOLL_ZIG_SYSTEM: system,
    FDPOLL_ZIG_TOOLS: writeTools(`${folder}-tools`, zig),
    FDPOLL_ADDON: 'ON',
    FDPOLL_PREBUILT: 'ON',
    FDPOLL_NODE_INCLUDE: [require('node-api-headers').include_dir, resolve(root, 'node_modules/node-addon-api')].join(
      ';',
    ),
    FDPOLL_LIBKQUEUE: 'OFF',
    FDPOLL_WERROR: 'ON',
    CMAKE_BUILD_TYPE: 'Release',
    CMAKE_UNITY_BUILD: 'ON',
    CMAKE_UNITY_BUILD_BATCH_SIZE: '16',
    CMAKE_CXX_FLAGS: flags.join(' '),
    CMAKE_CXX_FLAGS_RELEASE: COMPILE.join(' '),
    CMAKE_SHARED_LINKER_FLAGS: (LINK[system] ?? LINK.ELF).join(' '),
  };
  const options = Object.entries(definitions).map(([key, value]) => `-D${key}=${value}`);
  run('cmake', ['-S', root, '-B', folder, ...options]);
  run('cmake', ['--build', folder, '--target', 'fdpoll', '-j', String(availableParallelism())]);
  return join(folder, 'fdpoll.node');
}

/** Compiles one file for a target, to see that it can be. */
export function compile({ zig: target }, source, object) {
  run(zigPath(), [
    'c++',
    '-target',
    target,
    '-std=c++17',
    '-Wall',
    '-Wextra',
    '-Werror',
    `-I${join(root, 'native')}`,
    '-c',
    source,
    '-o',
    object,
  ]);
}
