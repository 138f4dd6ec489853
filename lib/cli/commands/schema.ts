import { type AddCommand, OK_STATUS } from '../command.ts';
import { toJson } from '../json_file.ts';
import { resultsJsonSchema } from '../schema.ts';

const examples = `
Examples:
  $ fdpoll schema > results.schema.json
  $ npx ajv-cli validate -s results.schema.json -d results.json

It is also in the package: fdpoll/results.schema.json
`;

export const addSchema: AddCommand = (program, host, finish) => {
  program
    .command('schema')
    .description('print the JSON schema of results')
    .addHelpText('after', examples)
    .action(() => {
      host.stdout.write(toJson(resultsJsonSchema()));
      finish(OK_STATUS);
    });
};
