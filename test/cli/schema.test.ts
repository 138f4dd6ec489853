import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { resultsJsonSchema } from '../../lib/cli/schema.ts';
import { complaints } from './ajv.ts';
import { built } from './dist.ts';
import { measured, rate, resultsOf, time } from './samples.ts';

const results = resultsOf([measured('epoll', time, [1, 2, 3]), measured('node:net', rate, [9], { kind: 'tcp' })]);

describe('resultsJsonSchema', () => {
  it('says what it is, of which draft, and where it lies', () => {
    expect(resultsJsonSchema()).toMatchObject({
      $schema: 'http://json-schema.org/draft-07/schema#',
      $id: expect.stringMatching(/^https:.*\/results\.schema\.json$/),
      title: 'Results of fdpoll compare',
      type: 'object',
    });
  });

  it('lies in the build as it is here', () => {
    expect(JSON.parse(readFileSync(built('results.schema.json'), 'utf8'))).toEqual(resultsJsonSchema());
  });

  it('takes results, and those of a later version that say more', () => {
    expect(complaints(results)).toEqual([]);
    expect(complaints({ ...results, weather: 'fine' })).toEqual([]);
  });

  it.each([
    [{ version: 2 }, '/version'],
    [{ command: undefined }, ''],
    [{ results: [{ ...results.results[0], samples: [] }] }, '/results/0/samples'],
    [{ results: [{ ...results.results[0], samples: ['fast'] }] }, '/results/0/samples/0'],
    [{ results: [{ ...results.results[0], rounds: 1.5 }] }, '/results/0/rounds'],
    [{ environment: {} }, '/environment'],
  ])('refuses what parseResults refuses: %j', (wrong, place) => {
    expect(complaints(JSON.parse(JSON.stringify({ ...results, ...wrong }))).map((its) => its.instancePath)).toContain(
      place,
    );
  });
});
