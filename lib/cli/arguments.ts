import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { version } from '../index.ts';
import { versionText } from './version_text.ts';

export interface CompareOptions {
  readonly quick: boolean;
  /** As they were given; whether they exist is for the run to find out. Undefined: all. */
  readonly backends?: readonly string[];
  readonly scenarios?: readonly string[];
  readonly rounds?: number;
  /** A path, or `-` for standard output. */
  readonly json?: string;
}

/** What to do, or the exit status when that has already been done: help, the version, or a complaint. */
export type Parsed = { readonly compare: CompareOptions } | { readonly status: number };

export interface Writers {
  out(text: string): void;
  err(text: string): void;
}

/** The status for a command line that makes no sense; nothing has been run. */
export const USAGE_STATUS = 2;

const ROUNDS_MAX = 1000;

const examples = `
Examples:
  $ fdpoll compare --quick                       every backend and scenario, within a minute
  $ fdpoll compare                               the long run, to be trusted more
  $ fdpoll compare --backend epoll --backend poll --scenario dispatch
  $ fdpoll compare --quick --json results.json
  $ fdpoll compare --quick --json - | jq '.results[] | select(.scenario == "echo")'
`;

export function parseArguments(argv: readonly string[], scenarios: readonly string[], writers: Writers): Parsed {
  let compare: CompareOptions | undefined;
  const program = new Command('fdpoll')
    .description('Select, poll, epoll and kqueue side by side on this machine.')
    .version(versionText(version), '-V, --version', 'print the version, the backends and how the addon was built')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .configureOutput({ writeOut: writers.out, writeErr: writers.err })
    .exitOverride()
    .showHelpAfterError('(see fdpoll --help)')
    .addHelpText('after', examples);
  program
    .command('compare')
    .description('measure the backends, and node:net beside them')
    .option('-q, --quick', 'fewer rounds and shorter ones: done within a minute')
    .option('-b, --backend <name...>', 'only these backends (default: all that are usable)')
    .addOption(new Option('-s, --scenario <name...>', 'only these scenarios (default: all)').choices(scenarios))
    .option('-r, --rounds <n>', 'counted rounds (default: 5 with --quick, else 11)', parseRounds)
    .option(
      '-j, --json <file>',
      'write the results as JSON; - is standard output, the report then goes to standard error',
    )
    .addHelpText('after', examples)
    .allowExcessArguments(false)
    .action((options: { quick?: boolean; backend?: string[]; scenario?: string[]; rounds?: number; json?: string }) => {
      const { quick, backend, scenario, rounds, json } = options;
      compare = {
        quick: quick ?? false,
        ...(backend && { backends: [...new Set(backend)] }),
        ...(scenario && { scenarios: [...new Set(scenario)] }),
        ...(rounds !== undefined && { rounds }),
        ...(json !== undefined && { json }),
      };
    });
  try {
    program.parse(argv, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return { status: error.exitCode === 0 ? 0 : USAGE_STATUS };
    throw error;
  }
  return compare ? { compare } : { status: USAGE_STATUS };
}

function parseRounds(text: string): number {
  const rounds = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (rounds >= 1 && rounds <= ROUNDS_MAX) return rounds;
  throw new InvalidArgumentError(`It must be a whole number from 1 to ${ROUNDS_MAX}.`);
}
