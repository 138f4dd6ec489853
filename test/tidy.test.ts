import { describe } from 'vitest';
import * as lib from './support/tidy_lib.ts';
import * as native from './support/tidy_native.ts';
import { plus, rule, swap } from './support/tidy_rule.ts';

const lines = (count: number): string => 'int a;\n'.repeat(count);

describe('the build files', () => {
  rule(
    'binding.gyp and CMakeLists.txt list every C++ source, and each once',
    native.everySourceOnceInEachBuildFile,
    [
      { 'native/core/new.cc': '' },
      /binding\.gyp lists native\/core\/new\.cc 0 times\nCMakeLists\.txt lists .*new\.cc 0/,
    ],
    [{ 'binding.gyp': plus("'native/core/poller.cc'") }, /binding\.gyp lists native\/core\/poller\.cc 2 times/],
    [{ 'CMakeLists.txt': swap('native/core/poller.cc', '') }, /CMakeLists\.txt lists native\/core\/poller\.cc 0 times/],
    [{ 'CMakeLists.txt': swap('native/core/poller.cc', '# native/core/poller.cc') }, /poller\.cc 0 times/],
    [{ 'binding.gyp': plus("'native/core/lost.cc'") }, /lost\.cc, which does not exist/],
  );

  rule(
    'CMakeLists.txt registers every native test',
    native.everyNativeTestIsRegistered,
    [{ 'test/native/new_test.cc': '' }, /lacks the test new$/],
    [{ 'CMakeLists.txt': swap(/^ +slot_table\n/m, '') }, /lacks the test slot_table/],
    [{ 'CMakeLists.txt': swap(/APPEND FDPOLL_TESTS \w+/, 'APPEND FDPOLL_TESTS gone') }, /has gone, which is no test/],
  );
});

describe('the fuzz targets', () => {
  rule(
    'are in CMakeLists.txt, each with a corpus',
    native.everyFuzzTargetIsRegistered,
    [{ 'test/fuzz/new_fuzz.cc': '' }, /lacks the target new\n.*has nothing for new/],
    [
      { 'CMakeLists.txt': swap(/^ +inotify_records\n +outgoing\n/m, 'gone\n') },
      /target inotify_records[\s\S]*fuzzes gone/,
    ],
  );
});

describe('the native code', () => {
  rule(
    'includes headers of Node in native/binding alone',
    native.nodeHeadersInTheBindingOnly,
    [{ 'native/core/poller.cc': plus('#include <napi.h>') }, /poller\.cc:\d+: #include <napi\.h> is for/],
    [{ 'native/backends/poll.cc': plus('# include "node_api.h"') }, /node_api\.h/],
    [{ 'native/core/os.h': plus('#include <js_native_api.h>') }, /js_native_api\.h/],
    [{ 'test/native/check.h': plus('#include <uv.h>') }, /uv\.h/],
  );

  rule(
    'uses the wrappers of node-addon-api in native/binding/addon.cc alone',
    native.wrappersMakeTheModuleOnly,
    [{ 'native/binding/convert.h': plus('#include <napi.h>') }, /convert\.h:\d+: #include <napi\.h> goes on without/],
    [{ 'native/binding/system_binding.cc': plus('# include "napi-inl.h"') }, /system_binding\.cc:\d+: # include/],
    [{ 'native/binding/object.h': plus('Napi::Object Make(Napi ::Env env);') }, /Napi:: goes[\s\S]*Napi :: goes/],
    [{ 'native/binding/new.cc': 'using namespace Napi;\n' }, /new\.cc:1: namespace Napi goes/],
  );

  rule(
    'names a HAVE_* in config.h, in the guard of its own file and in core/backends.cc',
    native.switchesInThreePlaces,
    [{ 'native/core/poller.cc': plus('#ifdef HAVE_EPOLL') }, /poller\.cc: HAVE_EPOLL belongs to/],
    [{ 'native/backends/poll.cc': swap('HAVE_POLL', 'HAVE_EPOLL') }, /poll\.cc: HAVE_EPOLL belongs to/],
    [{ 'native/backends/epoll.cc': plus('#ifdef HAVE_EPOLL') }, /epoll\.cc: HAVE_EPOLL belongs to/],
    [{ 'native/core/os_linux.cc': plus('#ifndef HAVE_EVENTFD') }, /os_linux\.cc: HAVE_EVENTFD/],
    [{ 'binding.gyp': plus("'defines': ['HAVE_KQUEUE']") }, /binding\.gyp: HAVE_KQUEUE/],
  );

  rule(
    'defines a HAVE_* or leaves it out, and asks by #ifdef',
    native.switchesAreDefinedOrAbsent,
    [{ 'native/config.h': plus('#define HAVE_EPOLL 0') }, /config\.h:\d+: #define HAVE_EPOLL 0/],
    [{ 'native/core/backends.cc': swap('#ifdef HAVE_POLL', '#if HAVE_POLL') }, /#if HAVE_POLL/],
    [{ 'native/config.h': plus('#if defined(HAVE_POLL) && HAVE_EPOLL') }, /&& HAVE_EPOLL/],
    [{ 'native/core/backends.cc': plus('int epoll = HAVE_EPOLL;') }, /int epoll/],
  );

  rule(
    'has one guard around each backend and no other conditional in it',
    native.backendsHaveOneGuard,
    [{ 'native/backends/epoll.cc': swap('struct ', '#ifdef __linux__\n#endif\nstruct ') }, /#ifdef HAVE_EPOLL around/],
    [{ 'native/backends/select.cc': swap('#ifdef', '#if defined') }, /#ifdef HAVE_SELECT around all/],
    [{ 'native/backends/kqueue.cc': plus('int outside;') }, /#ifdef HAVE_KQUEUE around all/],
    [{ 'native/backends/new.cc': '#ifdef HAVE_NEW\n#else\n#endif\n' }, /no other conditional/],
  );

  rule(
    'makes each system call inside a helper that says what an interruption means',
    native.noNakedSystemCall,
    [
      { 'native/core/wakeup.cc': plus('int f(int fd) { return ::listen(fd, 1); }') },
      /wakeup\.cc:\d+: ::listen outside/,
    ],
    [{ 'native/core/os.h': plus('int n = fcntl(fd, F_GETFL);') }, /os\.h:\d+: fcntl outside/],
    [
      { 'native/core/os_bsd.cc': plus('auto f = RetryOnInterrupt([] { return 0; }) + ::kqueue();') },
      /::kqueue outside/,
    ],
    [{ 'native/core/socket.cc': plus('int n = ::sendmsg_batch(fd);') }, /::sendmsg_batch outside/],
  );

  rule(
    'calls close in one function',
    native.closeInOneFunction,
    [
      { 'native/core/poller.cc': plus('int f() { return RetryOnInterrupt([] { return ::close(3); }); }') },
      /in 2 places/,
    ],
    [{ 'native/binding/addon.cc': plus('void f() { close(3); }') }, /in 2 places: .*addon\.cc/],
    [{ 'native/core/os_common.cc': swap('::close', '::shut') }, /in 0 places/],
  );

  rule(
    'makes no system call in native/binding',
    native.noSystemCallInTheBinding,
    [{ 'native/binding/addon.cc': plus('void f() { write(1, "x", 1); }') }, /addon\.cc:\d+: write\( is a system call/],
    [{ 'native/binding/convert.h': plus('int n = ::getpid();') }, /convert\.h:\d+: ::getpid\(/],
  );

  rule('still needs every exception that these rules make', native.excusesAreInUse, [
    { 'native/core/os_bsd.cc': swap('::if_nametoindex', 'AskTheSystem') },
    /no call of ::if_nametoindex any more/,
  ]);
});

describe('the library', () => {
  rule(
    'has a test file for each of its files',
    lib.everyModuleHasItsTest,
    [{ 'lib/new.ts': '' }, /lib\/new\.ts has no test\/new\.test\.ts/],
    [{ 'lib/cli/deep/new.ts': '' }, /has no test\/cli\/deep\/new\.test\.ts/],
  );

  rule(
    'has a file for each test file',
    lib.everyTestHasItsModule,
    [{ 'test/orphan.test.ts': '' }, /lib\/orphan\.ts, which does not exist/],
    [{ 'test/cli/orphan.test.ts': '' }, /lib\/cli\/orphan\.ts, which does not exist/],
  );

  rule(
    'still needs every exception to these two',
    lib.exceptionsAreInUse,
    [{ 'lib/index.ts': undefined }, /lib\/index\.ts is not there/],
    [{ 'test/programs.test.ts': undefined }, /test\/programs\.test\.ts is not there/],
  );

  rule(
    'only re-exports in index.ts',
    lib.indexOnlyReExports,
    [{ 'lib/index.ts': plus('export const version = 1;') }, /more than re-export: export const version/],
    [{ 'lib/index.ts': plus("import './poller.ts';") }, /more than re-export: import/],
  );

  rule(
    'describes every public export in docs/api.md',
    lib.everyExportIsInTheDocs,
    [
      { 'docs/api.md': plus(''), 'lib/index.ts': plus("export { type Unheard, unheard as heard } from './a.ts';") },
      /does not mention `Unheard`\n.*does not mention `heard`/,
    ],
    [{ 'docs/api.md': 'Words about close, in no code.' }, /does not mention `close`/],
  );

  rule(
    'loads the addon in binding.ts alone',
    lib.onlyBindingLoadsTheAddon,
    [{ 'lib/poller.ts': plus("import { createRequire } from 'node:module';") }, /poller\.ts:\d+: createRequire loads/],
    [{ 'lib/socket.ts': plus("process.dlopen(module, '../build/Release/fdpoll.node');") }, /dlopen[\s\S]*\.node loads/],
    [{ 'lib/cli/main.ts': plus("const addon = require('../addon');") }, /main\.ts:\d+: require\(/],
  );

  rule(
    'has no `any`',
    lib.noAny,
    [{ 'lib/events.ts': plus('let a: any;') }, /events\.ts:\d+: : any is no type/],
    [{ 'lib/cli/main.ts': plus('const f = <T extends any>(a: T) => a as any;') }, /extends any[\s\S]*as any/],
    [{ 'lib/errors.ts': plus('const a = new Map<string, any[]>();') }, /, any is no type/],
  );

  rule(
    'has nothing left from debugging, nor has the native code',
    lib.nothingLeftFromDebugging,
    [{ 'lib/cli/main.ts': plus('debugger;') }, /main\.ts:\d+: debugger/],
    [{ 'lib/poller.ts': plus("console.log('here');") }, /poller\.ts:\d+: console\.log/],
    [{ 'native/core/poller.cc': plus('printf("here");') }, /poller\.cc:\d+: printf/],
    [{ 'native/binding/addon.cc': plus('std::fprintf(stderr, "x"); std::cerr << 1;') }, /fprintf[\s\S]*std::cerr/],
  );
});

describe('every file', () => {
  rule(
    'is small enough to read',
    lib.filesAreSmall,
    [{ 'native/backends/new.cc': lines(301) }, /new\.cc has 301 lines, more than 300/],
    [{ 'native/core/new.cc': lines(401) }, /401 lines, more than 400/],
    [
      { 'lib/new.ts': lines(301), 'test/new.test.ts': lines(301) },
      /lib\/new\.ts has 301[\s\S]*test\/new\.test\.ts has 301/,
    ],
  );

  rule(
    'names nothing from outside the repository',
    lib.nothingFromOutsideTheRepository,
    [{ 'README.md': plus(`cd ${['', 'work', 'main'].join('/')}`) }, /README\.md:\d+: .* is not in the repository/],
    [{ 'test/new.test.ts': `// ${['', 'tmp', 'brief'].join('/')}` }, /new\.test\.ts:1/],
    [{ 'docs/new.md': `see ${['..', 'shared', 'x'].join('/')}` }, /docs\/new\.md:1/],
    [{ 'bench/new.mjs': `// ${['farm', 'bench'].join('-')}` }, /bench\/new\.mjs:1/],
  );
});

describe('the package', () => {
  rule(
    'has no run-time dependency',
    lib.noRunTimeDependency,
    [{ 'package.json': swap('{', '{ "dependencies": {},') }, /has dependencies/],
    [{ 'package.json': swap('{', '{ "optionalDependencies": {},') }, /has optionalDependencies/],
  );

  rule(
    'runs nothing when it is installed',
    lib.nothingRunsOnInstall,
    [{ 'package.json': swap('"scripts": {', '"scripts": { "postinstall": "x",') }, /a script postinstall/],
    [{ 'package.json': swap('"files": [', '"files": [ "binding.gyp",') }, /binding\.gyp is packed/],
    [{ 'package.json': swap('"gypfile": false,', '') }, /gypfile is not false/],
  );

  rule(
    'says which Node is the oldest, and is built for that one',
    lib.oneOldestNode,
    [{ 'package.json': swap(/"node": ".*"/, '"node": ">=22.0"') }, /says Node 22\.0, .* builds for 20\.19/],
    [{ 'package.json': swap('"engines"', '"motors"') }, /no oldest Node/],
  );
});

describe('the documents', () => {
  rule(
    'have a licence and a reason for each dependency',
    lib.everyDependencyHasItsReason,
    [{ 'package.json': swap('"devDependencies": {', '"devDependencies": { "new": "1.0.0",') }, /no .* reason for new/],
    [{ 'package.json': swap('"ws":', '"wsx":') }, /lists ws/],
    [{ 'docs/security.md': swap(/(`esbuild` \| MIT \|).*\|/, '$1 |') }, /reason for esbuild/],
  );

  rule('name tests that are there', lib.whatIsShownIsThere, [
    { 'test/conformance/limits.test.ts': undefined },
    /limits\.test\.ts, which is not there/,
  ]);

  rule(
    'number the decisions without gaps and index each',
    lib.decisionsAreNumberedAndIndexed,
    [
      { 'docs/adr/README.md': plus(''), 'docs/adr/9999-far.md': '' },
      /9999-far\.md: the numbers[\s\S]*not link 9999-far/,
    ],
    [{ 'docs/adr/README.md': plus('[x](9998-gone.md)') }, /links 9998-gone\.md: no such file/],
    [{ 'docs/adr/README.md': plus(''), 'docs/adr/thoughts.md': '' }, /thoughts\.md: no NNNN-title\.md/],
  );

  rule(
    'keep the changes in the form of Keep a Changelog, those that are not released yet first',
    lib.changesAreKept,
    [{ 'CHANGELOG.md': '# Changelog\n\n## 0.1.0\n' }, /not begin with the section "## \[Unreleased\]"/],
    [{ 'CHANGELOG.md': plus('## 0.1.0\n\n### Improved') }, /"## 0\.1\.0" is no .*\n.*"### Improved" is no kind/],
    [{ 'CHANGELOG.md': plus('## [1.0.0] - 2027-1-1') }, /"## \[1\.0\.0\] - 2027-1-1" is no/],
  );
});
