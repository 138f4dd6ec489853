import { type JsonSchema, toJsonSchema } from '@valibot/to-json-schema';
import { resultsSchema } from './results.ts';

/** The JSON Schema (draft 7) of what `--json` writes. What a later version adds is allowed. */
export function resultsJsonSchema(): JsonSchema {
  // JSON has no number that is not finite: that needs no word in the schema.
  const { $schema = '', ...rest } = toJsonSchema(resultsSchema, { typeMode: 'input', ignoreActions: ['finite'] });
  return {
    $schema,
    $id: 'https://unpkg.com/fdpoll/dist/results.schema.json',
    title: 'Results of fdpoll compare',
    description: 'What `fdpoll compare --json` and `fdpoll run --json` write.',
    ...rest,
  };
}
