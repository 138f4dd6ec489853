import { fileURLToPath } from 'node:url';

export type RuntimeName = 'node' | 'bun' | 'deno';

/** What runs this test. */
export const runtime: RuntimeName =
  process.versions.bun !== undefined ? 'bun' : process.versions.deno !== undefined ? 'deno' : 'node';

const imports = fileURLToPath(new URL('../harness/deno_imports.json', import.meta.url));

/**
 * The command that runs a script under the same runtime. `flags` are Node's: Deno has those of V8, and every runtime that
 * which lets a script call the collector.
 */
export const runtimeCommand = (flags: readonly string[] = []): string[] => {
  if (runtime === 'node') return [process.execPath, ...flags];
  if (runtime === 'bun') return [process.execPath, ...flags.filter((flag) => flag === '--expose-gc')];
  const v8 = flags.length > 0 ? [`--v8-flags=${flags.join()}`] : [];
  return [process.execPath, 'run', '--allow-all', '--quiet', `--import-map=${imports}`, ...v8];
};

/** What not every runtime does, though Node does. */
export type Feature =
  | 'hosting on the event loop'
  | 'hooks of async resources'
  | 'stopping a busy Worker'
  | 'closing what an ended Worker had'
  | 'ends of children that were sent a signal'
  | 'the default disposition of SIGPIPE'
  | 'descriptors of its own sockets'
  | 'net.Socket on a descriptor'
  | 'a steady number of threads'
  | 'a full stack inside of a call'
  | 'keeping given HTTP connections alive'
  | 'closing after the last HTTP response'
  | 'timeouts of given HTTP connections'
  | 'HTTPS on given connections'
  | 'all data before the end over TLS'
  | 'TLS that is piped into itself';

interface Lack {
  readonly runtime: RuntimeName;
  readonly feature: Feature;
  readonly reason: string;
}

const notNode = 'only Node has an event loop that can watch an epoll set';
const noHooks = 'createHook of its node:async_hooks hears of no resource of Node-API';

/**
 * What a runtime does otherwise than Node, and why: the only place where the suite says so. The tests assert what it
 * does instead.
 */
const lacking: readonly Lack[] = [
  { runtime: 'bun', feature: 'hosting on the event loop', reason: notNode },
  { runtime: 'deno', feature: 'hosting on the event loop', reason: notNode },
  { runtime: 'bun', feature: 'hooks of async resources', reason: noHooks },
  { runtime: 'deno', feature: 'hooks of async resources', reason: noHooks },
  { runtime: 'deno', feature: 'stopping a busy Worker', reason: 'terminate() does not interrupt code that runs' },
  {
    runtime: 'deno',
    feature: 'closing what an ended Worker had',
    reason:
      'it leaves epoll sets and eventfds of its own open, or closes them later, when the Worker had loaded an addon, any addon',
  },
  {
    runtime: 'deno',
    feature: 'ends of children that were sent a signal',
    reason: 'its ChildProcess gives the last signal that it sent for the end, also of a child that exited by itself',
  },
  {
    runtime: 'deno',
    feature: 'the default disposition of SIGPIPE',
    reason: 'a handler stays installed once one was asked for',
  },
  { runtime: 'deno', feature: 'descriptors of its own sockets', reason: 'the handles of its node:net have no fd' },
  { runtime: 'bun', feature: 'net.Socket on a descriptor', reason: 'its net.Socket takes no descriptor: it is closed' },
  { runtime: 'bun', feature: 'a steady number of threads', reason: 'its collector has threads that come and go' },
  {
    runtime: 'bun',
    feature: 'a full stack inside of a call',
    reason: 'its engine checks the stack before a native function runs, and leaves room for it',
  },
  {
    runtime: 'deno',
    feature: 'keeping given HTTP connections alive',
    reason: 'its node:http closes a connection that it was given after one response, a net.Socket too',
  },
  {
    runtime: 'bun',
    feature: 'closing after the last HTTP response',
    reason: 'its node:http ends its half of a connection that it was given, and leaves the rest to the peer',
  },
  {
    runtime: 'bun',
    feature: 'timeouts of given HTTP connections',
    reason: 'its node:http has timeouts on connections that it accepted itself alone',
  },
  {
    runtime: 'bun',
    feature: 'HTTPS on given connections',
    reason: 'its node:https answers in plain HTTP on a connection that it was given',
  },
  {
    runtime: 'bun',
    feature: 'all data before the end over TLS',
    reason: 'its node:tls over any Duplex loses what it has not sent yet when the other side ends',
  },
  {
    runtime: 'deno',
    feature: 'TLS that is piped into itself',
    reason: 'its TLSSocket does not end when it is piped into itself, over a net.Socket neither',
  },
];

/** Why this runtime does not do it, or undefined where it does: then the test asserts what it does instead. */
export const lacks = (feature: Feature): string | undefined =>
  lacking.find((lack) => lack.runtime === runtime && lack.feature === feature)?.reason;

export interface Exclusion {
  readonly runtimes: readonly RuntimeName[];
  /** The path of a test file, or what it begins with up to a slash. */
  readonly file: string;
  /** What the names of these tests match; all of the file when left out. */
  readonly tests?: RegExp;
  readonly reason: string;
}

const deno = ['deno'] as const;
const other = ['bun', 'deno'] as const;
const modules = 'it takes a module that nobody has loaded yet, and a bundle has one of each';
const ports = 'it takes receiveMessageOnPort(parentPort), which Deno refuses';
const busy = 'Deno does not stop a Worker that is busy or blocked, which the test of that name asserts';

/** The tests that a runtime does not run, and why: the only place where the suite says so. */
export const exclusions: readonly Exclusion[] = [
  {
    runtimes: deno,
    file: 'test/lifecycle/worker_terminate.test.ts',
    tests: /\(busy\)|closes (its pollers|the descriptors)|many at once/,
    reason: busy,
  },
  {
    runtimes: deno,
    file: 'test/lifecycle/hosted_worker.test.ts',
    tests: /\(busy\)/,
    reason: busy,
  },
  { runtimes: deno, file: 'test/lifecycle/storm.test.ts', reason: busy },
  {
    runtimes: ['bun'],
    file: 'test/lifecycle/storm.test.ts',
    reason: 'its states take hooks and the event loop of Node; the tests of terminated Workers run the others',
  },
  {
    runtimes: ['bun'],
    file: 'test/lifecycle/exit_states.test.ts',
    reason: 'likewise, and it waits for ever for those; process_exit and hosted_process run what there is',
  },
  {
    runtimes: other,
    file: 'test/lifecycle/hosted_process.test.ts',
    tests: /exits inside start/,
    reason: `the code inside of start is a hook's: ${noHooks}`,
  },
  {
    runtimes: deno,
    file: 'test/examples_sources.test.ts',
    tests: /supervisor.* (starts|says what)/,
    reason: 'under Deno the example does all that it says, and then ends with the signal that it was sent',
  },
  {
    runtimes: deno,
    file: 'test/conformance/waker_threads.test.ts',
    tests: /Worker( of their poller)? is terminated/,
    reason: 'terminate() resolves before the Worker has ended, or when it never does',
  },
  {
    runtimes: other,
    file: 'test/lifecycle/hosted_worker.test.ts',
    tests: /inside start/,
    reason: `the code inside of start is a hook's: ${noHooks}`,
  },
  {
    runtimes: deno,
    file: 'test/conformance/signals.test.ts',
    tests: /reaches several pollers and process.on/,
    reason: 'with the last listener of process.on Deno sets the default action, whatever is there: docs/runtimes.md',
  },
  { runtimes: other, file: 'test/cli/', reason: 'the command is for Node' },
  { runtimes: other, file: 'test/soak.test.ts', reason: 'the soak is a program for Node' },
  {
    runtimes: other,
    file: 'test/faults.test.ts',
    reason: 'its process runs Node: the calls are those of the addon, whatever runs',
  },
  { runtimes: other, file: 'test/tidy.test.ts', reason: 'the rules are about the sources, whatever runs' },
  { runtimes: other, file: 'test/reliability.test.ts', reason: 'likewise' },
  { runtimes: other, file: 'test/idle_timer.test.ts', reason: "it plays the clock, with Vitest's timers" },
  { runtimes: other, file: 'test/backends.test.ts', tests: /^openBackend/, reason: modules },
  {
    runtimes: other,
    file: 'test/builtins.test.ts',
    tests: /not loaded with the library/,
    reason: 'only Node lists the modules that it has loaded',
  },
  { runtimes: other, file: 'test/memberships.test.ts', tests: /no RFC 3678/, reason: modules },
  { runtimes: other, file: 'test/system_constants.test.ts', tests: /asked for when they are used/, reason: modules },
  { runtimes: other, file: 'test/option_table.test.ts', tests: /docs.options/, reason: "it takes Vitest's snapshots" },
  {
    runtimes: deno,
    file: 'test/hosting.test.ts',
    tests: /re-arms from where|hold the next one back/,
    reason: 'it plays the addon, and under Deno a turn passes between two batches: test/conformance runs it in earnest',
  },
  {
    runtimes: deno,
    file: 'test/accept_loop.test.ts',
    tests: /outlasts a lack/,
    reason: 'its Worker closes descriptors of another thread with node:fs, which Deno refuses',
  },
  {
    runtimes: deno,
    file: 'test/listen_fds.test.ts',
    tests: /takes descriptor 0/,
    reason: 'spawnSync of Deno gives a child no stdin by the number of a descriptor that Deno did not open',
  },
  { runtimes: deno, file: 'test/examples.test.ts', tests: /wake_a_worker/, reason: ports },
  { runtimes: deno, file: 'test/programs_servers.test.ts', tests: /too many for one Worker/, reason: ports },
  { runtimes: deno, file: 'test/examples.test.ts', tests: /in the README/, reason: 'Deno has no --input-type' },
  {
    runtimes: deno,
    file: 'test/examples.test.ts',
    tests: /that does not take its echo/,
    reason: 'its peer is a net.Socket that was paused, which hangs in Deno when it is iterated then',
  },
  {
    runtimes: deno,
    file: 'test/examples_services.test.ts',
    tests: /sd_notify/,
    reason: "Deno's ChildProcess gives the signal that it sent for the end of a child that exited by itself",
  },
  {
    runtimes: deno,
    file: 'test/lifecycle/duplex_worker.test.ts',
    tests: /\(busy\)/,
    reason: busy,
  },
];

/** Why this runtime does not run this test, or undefined where it does. */
export const exclusionOf = (file: string, name: string): string | undefined =>
  exclusions.find(
    (entry) =>
      entry.runtimes.includes(runtime) &&
      (entry.file.endsWith('/') ? file.startsWith(entry.file) : file === entry.file) &&
      (entry.tests?.test(name) ?? true),
  )?.reason;
