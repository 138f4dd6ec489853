// What tests import as `vitest` when a bundle of them runs under Bun or Deno: Vitest's own runner and assertions, which
// need no Vite, and the few functions of `vi` that need no module loader of its own.
import {
  ASYMMETRIC_MATCHERS_OBJECT,
  ChaiStyleAssertions,
  chai,
  customMatchers,
  type ExpectStatic,
  GLOBAL_EXPECT,
  getState,
  JestAsymmetricMatchers,
  JestChaiExpect,
  JestExtend,
  setState,
} from '@vitest/expect';
import { getCurrentTest } from '@vitest/runner';
import { fn, isMockFunction, restoreAllMocks, spyOn } from '@vitest/spy';

export { afterAll, afterEach, beforeAll, beforeEach, describe, it, onTestFinished, test } from '@vitest/runner';

for (const plugin of [JestExtend, JestChaiExpect, ChaiStyleAssertions, JestAsymmetricMatchers]) chai.use(plugin);

type Globals = Record<symbol, ExpectStatic & object>;
const globals = globalThis as unknown as Globals;

const assertion = (value: unknown, message?: string): unknown => {
  const { assertionCalls } = getState(expect);
  setState({ assertionCalls: assertionCalls + 1 }, expect);
  const made = chai.expect(value, message);
  const test = getCurrentTest();
  return test === undefined ? made : (made as unknown as { withTest(test: unknown): unknown }).withTest(test);
};
export const expect: ExpectStatic = Object.assign(
  assertion,
  chai.expect,
  globals[ASYMMETRIC_MATCHERS_OBJECT],
) as unknown as ExpectStatic;

setState(
  {
    assertionCalls: 0,
    isExpectingAssertions: false,
    isExpectingAssertionsError: null,
    expectedAssertionsNumber: null,
    expectedAssertionsNumberErrorGen: null,
  },
  expect,
);
globals[GLOBAL_EXPECT] = expect;
(chai.expect as unknown as { extend(target: ExpectStatic, matchers: object): void }).extend(expect, customMatchers);

const stubbed = new Map<string, string | undefined>();
const setEnv = (name: string, value: string | undefined): void => {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
};

const absent = (name: string) => (): never => {
  throw new Error(`vi.${name} is not in the harness of test/harness: it takes Vitest's own module loader or timers`);
};

export const vi: object = {
  fn,
  isMockFunction,
  restoreAllMocks,
  spyOn,
  stubEnv(name: string, value: string | undefined): void {
    if (!stubbed.has(name)) stubbed.set(name, process.env[name]);
    setEnv(name, value);
  },
  unstubAllEnvs(): void {
    for (const [name, value] of stubbed) setEnv(name, value);
    stubbed.clear();
  },
  // A bundle has one of each module; what needs a fresh one is excluded.
  resetModules(): void {},
  doUnmock(): void {},
  ...Object.fromEntries(
    ['doMock', 'mock', 'useFakeTimers', 'useRealTimers', 'hoisted', 'waitFor'].map((name) => [name, absent(name)]),
  ),
};
