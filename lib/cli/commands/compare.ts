import { Argument, type Command, InvalidArgumentError, Option } from 'commander';
import type { AddCommand } from '../command.ts';
import { type CompareOptions, compare } from '../compare.ts';
import { choosing, offering } from '../names.ts';
import { BACKEND_NAMES } from '../results.ts';
import { scenarios } from '../scenarios/index.ts';

const ROUNDS_MAX = 1000;

interface Given {
  readonly quick?: boolean;
  readonly backend?: string[];
  readonly scenario?: string[];
  readonly rounds?: number;
  readonly json?: string;
}

const compareExamples = `
Examples:
  $ fdpoll compare --quick                       every backend and scenario, within a minute
  $ fdpoll compare                               the long run, to be trusted more
  $ fdpoll compare --quick --json results.json   and then: fdpoll report results.json -o report.html
  $ fdpoll compare --quick --json - | jq '.results[] | select(.scenario == "echo")'
`;

const names: readonly string[] = scenarios.map(({ name }) => name);
const width = Math.max(...names.map((name) => name.length));

const runExamples = `
Scenarios:
${scenarios.map(({ name, title }) => `  ${name.padEnd(width)}  ${title}`).join('\n')}

Examples:
  $ fdpoll run dispatch
  $ fdpoll run echo ping-pong --backend epoll poll --rounds 21
`;

export const addCompare: AddCommand = (program, host, finish) => {
  const command = program.command('compare').description('measure every backend in every scenario');
  withOptions(command)
    .addOption(choosing(new Option('-s, --scenario <name...>', 'only these scenarios (default: all)'), names))
    .addHelpText('after', compareExamples)
    .action(async ({ scenario, ...given }: Given) =>
      finish(
        await compare(
          toOptions(
            'compare',
            scenario,
            given,
            scenario?.map((name) => `--scenario ${name}`),
          ),
          host,
        ),
      ),
    );
};

export const addRun: AddCommand = (program, host, finish) => {
  const command = program
    .command('run')
    .description('measure every backend in some scenarios')
    .addArgument(choosing(new Argument('<scenario...>', 'which ones'), names));
  withOptions(command)
    .addHelpText('after', runExamples)
    .action(async (scenario: string[], given: Given) =>
      finish(await compare(toOptions('run', scenario, given, scenario), host)),
    );
};

function withOptions(command: Command): Command {
  return command
    .option('-q, --quick', 'fewer rounds and shorter ones')
    .addOption(
      offering(new Option('-b, --backend <name...>', 'only these (default: all that are usable)'), BACKEND_NAMES),
    )
    .option('-r, --rounds <n>', 'counted rounds (default: 5 with --quick, else 11)', parseRounds)
    .option(
      '-j, --json <file>',
      'write the results as JSON; - is standard output, the report then goes to standard error',
    );
}

function toOptions(
  command: string,
  scenarios: readonly string[] | undefined,
  { quick, backend, rounds, json }: Given,
  words: readonly string[] = [],
): CompareOptions {
  const backends = backend && [...new Set(backend)];
  const typed = [
    'fdpoll',
    command,
    ...words,
    ...(quick ? ['--quick'] : []),
    ...(backends?.map((name) => `--backend ${name}`) ?? []),
    ...(rounds === undefined ? [] : [`--rounds ${rounds}`]),
  ];
  return {
    command: typed.join(' '),
    quick: quick ?? false,
    ...(backends && { backends }),
    ...(scenarios && { scenarios }),
    ...(rounds !== undefined && { rounds }),
    ...(json !== undefined && { json }),
  };
}

function parseRounds(text: string): number {
  const rounds = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (rounds >= 1 && rounds <= ROUNDS_MAX) return rounds;
  throw new InvalidArgumentError(`It must be a whole number from 1 to ${ROUNDS_MAX}.`);
}
