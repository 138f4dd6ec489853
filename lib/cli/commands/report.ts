import type { AddCommand } from '../command.ts';

interface Given {
  readonly output?: string;
  readonly svg?: string;
  readonly markdown?: string;
}

const examples = `
Examples:
  $ fdpoll compare --quick --json results.json
  $ fdpoll report results.json -o report.html                  one page that needs nothing else
  $ fdpoll report results.json --svg pictures --markdown -     for a README or a pull request
  $ fdpoll report laptop.json server.json -o report.html       a section for each, the same colours in both
  $ fdpoll run dispatch --json - | fdpoll report - -o dispatch.html
`;

export const addReport: AddCommand = (program, host, finish) => {
  program
    .command('report')
    .description('make a page, pictures or Markdown of results')
    .argument('<results...>', 'what --json has written; - is standard input')
    .option('-o, --output <file>', 'write a page of HTML; - is standard output')
    .option('-s, --svg <folder>', 'write a picture of each plot, for light and dark pages')
    .option('-m, --markdown <file>', "write GitHub's Markdown; - is standard output")
    .addHelpText('after', examples)
    .action(async (inputs: string[], given: Given) => {
      // What draws is larger than all the rest of the command.
      const { report } = await import('../report/report.ts');
      finish(await report({ inputs, ...given }, host));
    });
};
