import { describe, expect, it } from 'vitest';
import { runArguments } from '../../../lib/cli/arguments.ts';
import { resultsJsonSchema } from '../../../lib/cli/schema.ts';
import { testHost } from '../host.ts';

describe('fdpoll schema', () => {
  it('prints the schema and nothing else', async () => {
    const host = testHost();
    expect(await runArguments(['schema'], host)).toBe(0);
    expect(JSON.parse(host.out())).toEqual(resultsJsonSchema());
    expect(host.err()).toBe('');
  });
});
