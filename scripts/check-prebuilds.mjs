// Reads every prebuilt addon, by LLVM's readobj (Debian: llvm): that it is what its folder says, runs on all that it is
// meant for, and needs nothing else there.
// usage: check-prebuilds.mjs [TARGET...]
import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TARGETS } from './prebuild_targets.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const MOST_OF_ONE = 400_000;
const MOST_OF_ALL = 3_000_000;

function read(path) {
  const options = ['--file-headers', '--program-headers', '--needed-libs', '--dynamic-table', '--version-info'];
  const all = [...options, '--symbols', '--dyn-symbols', '--macho-version-min', path];
  const { status, stdout, stderr, error } = spawnSync('llvm-readobj', all, { encoding: 'utf8', maxBuffer: 2 ** 28 });
  if (error) throw error;
  return { status, stdout, stderr };
}

const every = (text, pattern) => [...text.matchAll(pattern)].map(([, first]) => first);

const newer = (a, b) => {
  const [x, y] = [a, b].map((version) => version.split('.').map(Number));
  const at = x.findIndex((part, index) => part !== (y[index] ?? 0));
  return at >= 0 && x[at] > (y[at] ?? 0);
};

const LIBRARIES = {
  glibc: /^(lib(c|m|dl|pthread|rt)\.so\.\d|ld-linux[\w-]*\.so\.\d)$/,
  musl: /^libc\.so$/,
  FreeBSD: /^lib(c|m|thr|pthread|dl|rt|util)\.so\.\d+$/,
  Darwin: /^(\/usr\/lib\/libSystem\.B\.dylib|@rpath\/fdpoll\.node)$/,
};

/** Names of C++ that are undefined: they would have to come from a library that is not there. */
const ofCpp = (symbols) => symbols.filter((name) => /^_{1,2}Z|^_?__cxa_(?!atexit|finalize|thread_atexit)/.test(name));

function elf(text, { machine, glibc, system }) {
  const needed = every(/NeededLibraries \[([^\]]*)\]/.exec(text)?.[1] ?? '', /(\S+)/g);
  const allowed = LIBRARIES[system === 'Linux' ? (glibc === undefined ? 'musl' : 'glibc') : system];
  const stack = /Type: PT_GNU_STACK[\s\S]*?Flags \[ \((0x\w+)\)/.exec(text)?.[1];
  const dynamic = every(/DynamicSymbols \[([\s\S]*?)\n\]/.exec(text)?.[1] ?? '', /(Symbol \{[\s\S]*?\n {2}\})/g).map(
    (symbol) => ({
      name: /Name: ([^\s@(]+)/.exec(symbol)?.[1],
      here: !/Section: Undefined/.test(symbol),
      weak: /Binding: Weak/.test(symbol),
    }),
  );
  const undefinedOnes = dynamic
    .filter(({ here, name, weak }) => !here && !weak && name !== undefined)
    .map(({ name }) => name);
  const exported = dynamic.filter(({ here }) => here).map(({ name }) => name);
  const versions = every(text, /Name: GLIBC_([\d.]+)/g);
  return [
    !text.includes(`Machine: ${machine} `) && `it is not for ${machine}`,
    !text.includes('Type: SharedObject') && 'it is no shared library',
    stack !== '0x6' && `its stack has flags ${stack}`,
    /RPATH|RUNPATH/.test(text) && 'it has a path of libraries',
    /Sections? \{[\s\S]*\.symtab/.test(text) && 'it is not stripped',
    ...needed.filter((name) => !allowed.test(name)).map((name) => `it needs ${name}`),
    ...versions.filter((version) => newer(version, glibc ?? '0')).map((version) => `it needs GLIBC_${version}`),
    ...ofCpp(undefinedOnes).map((name) => `it needs ${name} of a C++ library`),
    ...exported
      .filter((name) => !/^(napi_register_module_v1|node_api_module_get_api_version_v1)$/.test(name))
      .map((name) => `it exports ${name}`),
    !exported.includes('napi_register_module_v1') && 'it has no entry',
  ];
}

function machO(text, { machine, macos }) {
  const needed = every(/NeededLibraries \[([^\]]*)\]/.exec(text)?.[1] ?? '', /(\S+)/g);
  const minimum = /MinVersion \{[\s\S]*?Version: ([\d.]+)/.exec(text)?.[1];
  return [
    !text.includes(`Format: Mach-O ${machine}`) && `it is not for ${machine}`,
    minimum !== macos && `it is for macOS ${minimum} and later`,
    ...needed.filter((name) => !LIBRARIES.Darwin.test(name)).map((name) => `it needs ${name}`),
    !text.includes('_napi_register_module_v1') && 'it has no entry',
  ];
}

function complaints(name) {
  const path = join(root, 'prebuilds', name, 'fdpoll.node');
  const target = TARGETS[name];
  const { status, stdout, stderr } = read(path);
  if (status !== 0) return { size: 0, wrong: [stderr.trim()] };
  const { size } = statSync(path);
  const wrong = [
    ...(target.system === 'Darwin' ? machO(stdout, target) : elf(stdout, target)),
    size > MOST_OF_ONE && `it has ${size} bytes`,
    readFileSync(path, 'latin1').includes(root) && 'it has a path of this machine in it',
  ];
  return { size, wrong: wrong.filter((text) => text !== false) };
}

const asked = process.argv.slice(2);
let [failed, total] = [0, 0];
for (const name of asked.length > 0 ? asked : Object.keys(TARGETS)) {
  const { size, wrong } = complaints(name);
  total += size;
  failed += wrong.length;
  console.log(`${wrong.length === 0 ? 'ok    ' : 'FAILED'} ${name.padEnd(17)} ${String(size).padStart(7)} bytes`);
  for (const text of wrong) console.log(`       ${text}`);
}
console.log(`${total} bytes in all`);
if (total >= MOST_OF_ALL) failed++;
process.exit(failed === 0 ? 0 : 1);
