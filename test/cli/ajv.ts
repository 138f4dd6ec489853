import { Ajv, type ErrorObject, type SchemaObject } from 'ajv';
import { resultsJsonSchema } from '../../lib/cli/schema.ts';

const validate = new Ajv({ allErrors: true, strict: true }).compile(resultsJsonSchema() as SchemaObject);

/** What the schema that is shipped has to say against these results. */
export function complaints(results: unknown): ErrorObject[] {
  validate(results);
  return validate.errors ?? [];
}
