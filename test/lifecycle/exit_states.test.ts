import { describe, expect, it } from 'vitest';
import { backendsUnderTest } from '../support/backends.ts';
import { runFixture, startFixture } from '../support/children.ts';
import { hostingsUnderTest } from '../support/hosted.ts';
import { statesOf } from '../support/states.ts';

const blocking = backendsUnderTest().map(({ name }) => ({ backend: name }));
const hosted = hostingsUnderTest().map(({ name, hosting }) => ({ backend: name, hosting }));
const fixtures: [string, object[]][] = [
  ['worker_states.mjs', blocking],
  ['half_states.mjs', blocking],
  ['hosted_states.mjs', hosted],
  ['duplex_states.mjs', [{}]],
];

const rounds: object[] = [];
for (const [fixture, hows] of fixtures)
  for (const [, state] of await statesOf(fixture))
    for (const how of hows) rounds.push({ fixture, data: { ...how, state } });

// So few Workers at once that those which never rest leave some time to the others.
const AT_ONCE = 6;
const parts = Array.from({ length: Math.ceil(rounds.length / AT_ONCE) }, (_, i) => ({
  number: i + 1,
  part: rounds.filter((_round, index) => index % Math.ceil(rounds.length / AT_ONCE) === i),
}));
const patience = { timeout: 60_000 };

describe('process.exit() beside Workers', () => {
  it.each(parts)('that are in a state each ends them all: group $number', patience, async ({ part }) => {
    const child = await startFixture('exit_states.mjs', [JSON.stringify(part), '0']);
    const start = performance.now();
    const { code, signal, stderr } = await child.ended;
    expect({ code, signal, stderr }, JSON.stringify(part)).toEqual({ code: 7, signal: null, stderr: '' });
    expect(performance.now() - start, 'ms until all Workers had ended').toBeLessThan(10_000);
  });

  it.each(parts.slice(0, 8))(
    'that are half way to their state ends them all: seed $number',
    patience,
    async (group) => {
      const args = [JSON.stringify(group.part), String(group.number)];
      const { code, signal, stdout, stderr } = await runFixture('exit_states.mjs', args);
      expect({ code, signal, stderr }, args.join()).toEqual({ code: 7, signal: null, stderr: '' });
      expect(stdout).toBe('leaving\n');
    },
  );
});
