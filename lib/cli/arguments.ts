import { Command, CommanderError } from 'commander';
import { version } from '../index.ts';
import { type AddCommand, type Host, OK_STATUS, USAGE_STATUS } from './command.ts';
import { addCompare, addRun } from './commands/compare.ts';
import { addCompletion } from './commands/completion.ts';
import { addDiff } from './commands/diff.ts';
import { addDoctor } from './commands/doctor.ts';
import { addReport } from './commands/report.ts';
import { addSchema } from './commands/schema.ts';
import { versionText } from './version_text.ts';

export const commands: readonly AddCommand[] = [
  addCompare,
  addRun,
  addReport,
  addDiff,
  addDoctor,
  addSchema,
  addCompletion,
];

const examples = `
Examples:
  $ fdpoll compare --quick --json results.json   every backend and scenario, within a minute
  $ fdpoll compare                               the long run, to be trusted more
  $ fdpoll run dispatch echo --backend epoll poll
  $ fdpoll report results.json -o report.html    a page of them
  $ fdpoll doctor                                what works here, and which limits will bite

Exit status:
  0              all that was asked for was done
  1              some of it could not be; fdpoll diff: something is slower
  2              the arguments make no sense, or a file cannot be read; nothing was run
  129, 130, 143  ended by SIGHUP, Ctrl-C or SIGTERM; what was finished is reported
  141            nobody reads the output
`;

/** Runs what the arguments ask for, and returns the exit status: 2 if they make no sense. */
export async function runArguments(argv: readonly string[], host: Host): Promise<number> {
  let status = USAGE_STATUS;
  const program = new Command('fdpoll')
    .description('Select, poll, epoll and kqueue side by side on this machine.')
    .version(versionText(version), '-V, --version', 'print the version, the backends and how the addon was built')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .configureOutput({
      writeOut: (text) => host.stdout.write(text),
      writeErr: (text) => host.stderr.write(text),
    })
    .exitOverride()
    .showHelpAfterError('(see fdpoll --help)')
    .addHelpText('after', examples);
  for (const add of commands) {
    add(program, host, (its) => {
      status = its;
    });
  }
  for (const command of program.commands) command.allowExcessArguments(false).copyInheritedSettings(program);
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? OK_STATUS : USAGE_STATUS;
    throw error;
  }
  return status;
}
