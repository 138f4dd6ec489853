import { at, codeOf, forbid, type Rule, select, withoutComments } from './tidy_tree.ts';

const CPP = /^native\/.*\.(cc|h)$/;

/** A file that is the guarded alternative to the one with the switch's name. */
const standIns: ReadonlyMap<string, string> = new Map([
  ['native/core/wakeup_pipe.cc', 'HAVE_EVENTFD'],
  ['native/core/watches_none.cc', 'HAVE_INOTIFY'],
]);

/** Calls that are made without a helper, and why they may be. */
const excused: ReadonlyMap<string, string> = new Map([
  ['native/core/os_bsd.cc ::if_nametoindex', 'a function of the C library, which makes its calls by itself'],
  ['native/core/os_bsd.cc ::if_indextoname', 'likewise'],
  ['native/core/os_bsd.cc ::pthread_main_np', 'it makes none'],
]);

/** The system calls that make, use or close descriptors. */
const CALLS = [
  'socket|socketpair|bind|listen|accept|accept4|connect|shutdown|getsockname|getpeername|getsockopt|setsockopt',
  'recv|recvfrom|recvmsg|recvmmsg|send|sendto|sendmsg|sendmmsg|read|readv|write|writev|splice|sendfile|ioctl|fcntl',
  'open|openat|close|dup|dup2|dup3|pipe|pipe2|stat|fstat|eventfd|timerfd_create|timerfd_settime|signalfd|memfd_create',
  'poll|ppoll|select|pselect|epoll_create|epoll_create1|epoll_ctl|epoll_wait|epoll_pwait|epoll_pwait2|kqueue|kqueue1',
  'kevent|inotify_init1|inotify_add_watch|inotify_rm_watch|pidfd_open|waitid|waitpid|syscall',
].join('|');
// One of these by any spelling, and whatever is called in the global namespace by name. A method, a function of a
// namespace or of ours is none.
const SYSTEM_CALL = new RegExp(`(?<![\\w.:>])(?:::[a-z]\\w*|(?:${CALLS}))\\s*\\(`, 'g');

const withoutHashComments = (text: string): string => text.replace(/#[^\n]*/g, '');

export const everySourceOnceInEachBuildFile: Rule = (tree) => {
  const sources = select(tree, /^native\/.*\.cc$/).map(([path]) => path);
  return ['binding.gyp', 'CMakeLists.txt'].flatMap((build) => {
    const listed = withoutHashComments(tree.get(build) ?? '').match(/native\/[\w/]+\.cc/g) ?? [];
    const times = (path: string): number => listed.filter((found) => found === path).length;
    return [
      ...sources.filter((path) => times(path) !== 1).map((path) => `${build} lists ${path} ${times(path)} times`),
      ...listed.filter((path) => !sources.includes(path)).map((path) => `${build} lists ${path}, which does not exist`),
    ];
  });
};

export const everyNativeTestIsRegistered: Rule = (tree) => {
  const tests = select(tree, /^test\/native\/\w+_test\.cc$/).map(([path]) => path.slice(12, -8));
  const cmake = withoutHashComments(tree.get('CMakeLists.txt') ?? '');
  const lists = [...cmake.matchAll(/\((?:FDPOLL_TESTS|APPEND\s+FDPOLL_TESTS)\s([^)]*)\)/g)];
  const registered = lists.flatMap(([, names = '']) => names.split(/\s+/).filter((name) => name !== ''));
  return [
    ...tests.filter((name) => !registered.includes(name)).map((name) => `CMakeLists.txt lacks the test ${name}`),
    ...registered.filter((name) => !tests.includes(name)).map((name) => `CMakeLists.txt has ${name}, which is no test`),
  ];
};

export const everyFuzzTargetIsRegistered: Rule = (tree) => {
  const targets = select(tree, /^test\/fuzz\/\w+_fuzz\.cc$/).map(([path]) => path.slice(10, -8));
  const cmake = withoutHashComments(tree.get('CMakeLists.txt') ?? '');
  const [, names = ''] = /\(FDPOLL_FUZZ_TARGETS\s([^)]*)\)/.exec(cmake) ?? [];
  const registered = names.split(/\s+/).filter((name) => name !== '');
  const seeded = (name: string): boolean =>
    [...tree.keys()].some((path) => path.startsWith(`test/fuzz/corpus/${name}/`));
  return [
    ...targets.filter((name) => !registered.includes(name)).map((name) => `CMakeLists.txt lacks the target ${name}`),
    ...registered
      .filter((name) => !targets.includes(name))
      .map((name) => `CMakeLists.txt fuzzes ${name}, which is not there`),
    ...targets.filter((name) => !seeded(name)).map((name) => `test/fuzz/corpus has nothing for ${name}`),
  ];
};

export const nodeHeadersInTheBindingOnly: Rule = (tree) =>
  forbid(
    tree,
    /^native\/(?!binding\/)|^test\/native\//,
    /#\s*include\s*["<](?:[\w./-]*\/)?(?:napi|napi-inl|node_api|js_native_api|node|uv|v8)\.h[">]/g,
    'is for native/binding alone',
    withoutComments,
  );

/**
 * Node-API refuses everything once a Worker is being terminated. The wrappers of node-addon-api go on with what they
 * did not get, which is a crash; so they make the module, and nothing else.
 */
export const wrappersMakeTheModuleOnly: Rule = (tree) =>
  forbid(
    tree,
    /^native\/(?!binding\/addon\.cc$)|^test\/native\//,
    /#\s*include\s*["<](?:[\w./-]*\/)?napi(?:-inl)?\.h[">]|\bNapi\s*::|\bnamespace\s+Napi\b/g,
    'goes on without what it did not get in a Worker that is being terminated: raw Node-API, and look at the status',
    withoutComments,
  );

export const switchesInThreePlaces: Rule = (tree) => {
  const named = select(tree, /^(native|test\/native)\/|^binding\.gyp$|^CMakeLists\.txt$|^scripts\//).flatMap(
    ([path, text]) => {
      const read = /\.(cc|h|mjs)$/.test(path) ? withoutComments(text) : withoutHashComments(text);
      return [...read.matchAll(/\bHAVE_[A-Z_]+/g)].map(([name], i) => ({ path, name, first: i === 0 }));
    },
  );
  const own = (path: string, name: string): boolean =>
    standIns.get(path) === name || path.endsWith(`${name.replace('HAVE_', '').toLowerCase()}.cc`);
  return named
    .filter(({ path }) => path !== 'native/config.h' && path !== 'native/core/backends.cc')
    .filter(({ path, name, first }) => !(first && own(path, name)))
    .map(({ path, name }) => `${path}: ${name} belongs to config.h, the guard of its own file and core/backends.cc`);
};

export const switchesAreDefinedOrAbsent: Rule = (tree) =>
  select(tree, CPP).flatMap(([path, text]) =>
    [...withoutComments(text).matchAll(/^.*\bHAVE_[A-Z_]+.*$/gm)]
      .filter(([line]) => {
        if (/^#\s*(ifdef|ifndef|define)\s+HAVE_[A-Z_]+(\s+1)?\s*$/.test(line)) return false;
        return !/^#\s*(if|elif)\b/.test(line) || /\bHAVE_/.test(line.replace(/defined\s*\(\s*HAVE_[A-Z_]+\s*\)/g, ''));
      })
      .map((match) => `${at(path, text, match.index)}: ${match[0].trim()}: test it by #ifdef, define it as 1`),
  );

export const backendsHaveOneGuard: Rule = (tree) =>
  select(tree, /^native\/backends\//).flatMap(([path, text]) => {
    const lines = withoutComments(text).trimEnd().split('\n');
    const conditionals = lines.filter((line) => /^\s*#\s*(if|ifdef|ifndef|elif|else|endif)\b/.test(line));
    const guard = `#ifdef HAVE_${path.replace(/^.*\/|\.cc$/g, '').toUpperCase()}`;
    const guarded = conditionals.join('\n') === `${guard}\n#endif` && lines.at(-1) === '#endif';
    return guarded ? [] : [`${path}: ${guard} around all of it, and no other conditional`];
  });

/** From the opening parenthesis of a helper to the one that closes it. */
const helped = (code: string): [from: number, to: number][] =>
  [...code.matchAll(/\b(?:RetryOnInterrupt|InterruptIsAnswer|WouldBlockIsAnswer)\(/g)].map(({ index, 0: call }) => {
    let end = index + call.length;
    for (let depth = 1; depth > 0 && end < code.length; end++) {
      if (code[end] === '(') depth++;
      if (code[end] === ')') depth--;
    }
    return [index, end];
  });

export const noNakedSystemCall: Rule = (tree) =>
  select(tree, /^native\/(?!binding\/).*\.(cc|h)$/).flatMap(([path, text]) => {
    const code = codeOf(text);
    const spans = helped(code);
    return [...code.matchAll(SYSTEM_CALL)]
      .map((match) => ({ index: match.index, call: match[0].replace(/\s*\($/, '') }))
      .filter(({ index }) => !spans.some(([from, to]) => from < index && index < to))
      .filter(({ call }) => !excused.has(`${path} ${call}`))
      .map(({ index, call }) => `${at(path, text, index)}: ${call} outside of the helpers of core/syscall.h`);
  });

export const excusesAreInUse: Rule = (tree) => [
  ...[...excused.keys()]
    .map((excuse) => excuse.split(' ') as [string, string])
    .filter(([path, call]) => !codeOf(tree.get(path) ?? '').includes(`${call}(`))
    .map(([path, call]) => `${path} makes no call of ${call} any more`),
  ...[...standIns].filter(([path]) => !tree.has(path)).map(([path]) => `${path} does not exist any more`),
];

export const closeInOneFunction: Rule = (tree) => {
  const closes = select(tree, CPP).flatMap(([path, text]) =>
    [...codeOf(text).matchAll(/(?<![\w.:>])(?:::)?close\s*\(/g)].map(({ index }) => at(path, text, index)),
  );
  return closes.length === 1 ? [] : [`close is called in ${closes.length} places: ${closes.join(', ')}`];
};

export const noSystemCallInTheBinding: Rule = (tree) =>
  forbid(tree, /^native\/binding\//, SYSTEM_CALL, 'is a system call: it belongs to core');
