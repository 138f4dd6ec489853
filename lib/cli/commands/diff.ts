import { InvalidArgumentError } from 'commander';
import { type AddCommand, FAILED_STATUS, type Host, messageOf, OK_STATUS, USAGE_STATUS } from '../command.ts';
import { diffResults } from '../diff.ts';
import { countOf, type DiffReport, renderDiff, renderDiffMarkdown } from '../diff_report.ts';
import { toJson } from '../json_file.ts';
import { readResults } from '../results.ts';

interface Given {
  readonly threshold: number;
  readonly absolute?: boolean;
  readonly json?: boolean;
  readonly markdown?: boolean;
}

const THRESHOLD = 10;
const THRESHOLD_MAX = 1000;
const DEFAULT_WIDTH = 80;

const examples = `
Exit status: 1 if something is slower or worse, 0 if not, 2 if a file is not one of results.

Examples:
  $ fdpoll compare --json before.json
  $ fdpoll compare --json after.json && fdpoll diff before.json after.json
  $ fdpoll diff before.json after.json --threshold 5 --markdown >> "$GITHUB_STEP_SUMMARY"
`;

export const addDiff: AddCommand = (program, host, finish) => {
  program
    .command('diff')
    .description('what changed between two runs, beyond the noise')
    .argument('<before>', 'results of a run with --json; - is standard input')
    .argument('<after>', 'results of a later one')
    .option('-t, --threshold <percent>', 'changes that are not worth telling', parseThreshold, THRESHOLD)
    .option('-a, --absolute', 'the machine was as fast both times: take nothing out of the figures for it')
    .option('-j, --json', 'print it as JSON')
    .option('-m, --markdown', 'print it as Markdown')
    .addHelpText('after', examples)
    .action((before: string, after: string, given: Given) => finish(diff(before, after, given, host)));
};

function diff(before: string, after: string, { threshold, absolute, json, markdown }: Given, host: Host): number {
  const refuse = (message: string) => {
    host.stderr.write(`fdpoll: ${message}\n`);
    return USAGE_STATUS;
  };
  if (json && markdown) return refuse('--json and --markdown are two forms of the same: give one');
  if (before === '-' && after === '-') return refuse('only one of the two can come from standard input');
  let report: DiffReport;
  try {
    const [theirs, ours] = [readResults(before), readResults(after)];
    report = {
      before: { source: before, results: theirs },
      after: { source: after, results: ours },
      diff: diffResults(theirs, ours, { threshold: threshold / 100, absolute: absolute ?? false }),
    };
  } catch (error) {
    return refuse(messageOf(error));
  }
  const width = host.stdout.columns || DEFAULT_WIDTH;
  if (json) host.stdout.write(toJson(report.diff));
  else host.stdout.write(markdown ? renderDiffMarkdown(report) : renderDiff(report, width));
  return countOf(report.diff, 'worse') > 0 ? FAILED_STATUS : OK_STATUS;
}

function parseThreshold(text: string): number {
  const percent = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (percent > 0 && percent <= THRESHOLD_MAX) return percent;
  throw new InvalidArgumentError(`It must be a number above 0, of at most ${THRESHOLD_MAX}.`);
}
