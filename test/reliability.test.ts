import { describe } from 'vitest';
import * as reliability from './support/tidy_reliability.ts';
import { rule, swap } from './support/tidy_rule.ts';

describe('docs/reliability.md', () => {
  rule(
    'names tests that are there, and that run as often as it says',
    reliability.reliabilityNamesItsTests,
    [{ 'docs/reliability.md': undefined }, /reliability\.md is missing/],
    [
      { 'docs/reliability.md': swap('“is woken once', '“is woken twice') },
      /recurring_events\.test\.ts has no test “is woken twice/,
    ],
    [
      { 'docs/reliability.md': swap('recurring_events.test.ts)', 'recurring_ends.test.ts)') },
      /recurring_ends\.test\.ts has no test/,
    ],
    [
      { 'test/conformance/recurring_events.test.ts': swap('is woken once', 'wakes once') },
      /has no test “is woken once/,
    ],
    [
      { 'test/conformance/recurring_events.test.ts': swap("it('is woken once", "// it('is woken once") },
      /no test “is woken once/,
    ],
    [
      { 'test/conformance/recurring_events.test.ts': swap('describeEachDriver(', 'describeEachBackend(') },
      /runs "wait", not "wait, loop, thread": A level/,
    ],
    [
      { 'docs/reliability.md': swap('a hosted poller has no timeout: timers stand for it', '') },
      /does not say why it runs "wait" alone: A wait that timed out/,
    ],
    [
      { 'test/native/poller_rebuild_test.cc': swap('RUN(WhatIsRefused', '// RUN(WhatIsRefused') },
      /poller_rebuild_test\.cc has no test “WhatIsRefused/,
    ],
    [
      { 'docs/reliability.md': swap('“gives the connections that acceptAll', 'gives the connections that acceptAll') },
      /no test for: `acceptAll`/,
    ],
  );

  rule(
    'counts what it names',
    reliability.reliabilityCountsItsRows,
    [
      { 'docs/reliability.md': swap('| A look at a poller', '| --- A look at a poller') },
      /does not say “\d+ behaviours”/,
    ],
    [
      { 'docs/reliability.md': swap('### And when it is done twice?', '### And when it is done twice') },
      /“9 questions”/,
    ],
    [{ 'docs/reliability.md': swap('“is woken once by', 'is woken once by') }, /does not say “\d+ tests by name”/],
    [{ 'docs/reliability.md': swap('## Found and fixed', '## Found') }, /does not say “0 bugs”/],
  );

  rule(
    'answers each question for each feature',
    reliability.reliabilityAnswersForAll,
    [
      { 'docs/reliability.md': swap('| socket, batch |', '| socket |') },
      /interrupted by signals\?" is not answered for: batch/,
    ],
    [{ 'docs/reliability.md': swap('| stream |', '| steam |') }, /is answered for steam, which is no feature/],
    [{ 'docs/reliability.md': swap('### What happens after close?', '') }, /only 9 questions/],
  );
});

describe('the conformance suite', () => {
  rule(
    'compares the open descriptors before and after each of its tests',
    reliability.conformanceComparesDescriptors,
    [
      { 'test/conformance/cloexec.test.ts': swap('checkDescriptorsAfterEachTest();', '') },
      /cloexec\.test\.ts:\d+: a suite that does not call/,
    ],
    [{ 'test/conformance/new.test.ts': "describe.each([1])('new', () => {\n});\n" }, /new\.test\.ts:1: a suite/],
  );
});
