import type { BackendName } from '../index.ts';
import { FAILED_STATUS, type Host, type Interruption, messageOf, OK_STATUS, USAGE_STATUS } from './command.ts';
import { describeEnvironment } from './environment.ts';
import { JsonFile, toJson } from './json_file.ts';
import { nearest } from './names.ts';
import { Progress } from './progress.ts';
import { type Environment, type Failure, FORMAT_VERSION, type Result, type Results } from './results.ts';
import { type Context, type Outcome, type Scenario, toDescription, toResult } from './scenario.ts';
import { scenarios } from './scenarios/index.ts';
import { renderBackends, renderEnvironment, renderOutcome } from './terminal_report.ts';

export interface CompareOptions {
  /** What was typed, for the file. */
  readonly command: string;
  readonly quick: boolean;
  /** As they were given; whether they exist is for the run to find out. Undefined: all. */
  readonly backends?: readonly string[];
  /** Undefined: all. */
  readonly scenarios?: readonly string[];
  readonly rounds?: number;
  /** A path, or `-` for standard output. */
  readonly json?: string;
}

const QUICK_ROUNDS = 5;
const FULL_ROUNDS = 11;
const DEFAULT_WIDTH = 80;

/** Runs the scenarios, writes the report, and returns the exit status: 0 only if all that was asked was measured. */
export async function compare(options: CompareOptions, host: Host): Promise<number> {
  const environment = describeEnvironment();
  const refuse = (message: string) => {
    host.stderr.write(`fdpoll: ${message}\n`);
    return USAGE_STATUS;
  };
  const backends = chooseBackends(environment, options.backends);
  if (typeof backends === 'string')
    return refuse(`${backends}; this build has:\n${renderBackends(environment.backends)}`);
  let file: JsonFile | undefined;
  try {
    if (options.json !== undefined && options.json !== '-') file = new JsonFile(options.json);
  } catch (error) {
    return refuse(messageOf(error));
  }

  const report = options.json === '-' ? host.stderr : host.stdout;
  const width = report.columns || DEFAULT_WIDTH;
  const chosen = scenarios.filter(({ name }) => options.scenarios?.includes(name) ?? true);
  const settings = {
    backends,
    quick: options.quick,
    rounds: options.rounds ?? (options.quick ? QUICK_ROUNDS : FULL_ROUNDS),
    program: host.program,
    signal: host.signal,
    step: () => {},
  };
  const durations = chosen.map((scenario) => scenario.duration(settings));
  const progress = new Progress(host.stderr, durations);
  report.write(renderEnvironment(environment, width));

  const results: Result[] = [];
  const descriptions: Results['scenarios'] = [];
  const failures: Failure[] = [];
  for (const [i, scenario] of chosen.entries()) {
    if (host.signal.aborted) break;
    progress.begin(i);
    const context: Context = {
      ...settings,
      step: (label, sliceMs) => progress.step(`${scenario.name}  ${label}`, sliceMs),
    };
    const outcome = await runScenario(scenario, context);
    progress.hide();
    if (outcome.measurements.length > 0) report.write(`\n${renderOutcome(scenario, outcome, width)}`);
    results.push(...outcome.measurements.map(toResult));
    if (outcome.measurements.length > 0)
      descriptions.push(toDescription(scenario, outcome.notes, repeating(scenario, options)));
    failures.push(...outcome.failures);
  }

  for (const { scenario, subject, message } of failures) {
    host.stderr.write(`fdpoll: ${scenario} on ${subject} failed: ${message}\n`);
  }
  const comparison: Results = {
    version: FORMAT_VERSION,
    command: options.command,
    interrupted: host.signal.aborted,
    environment,
    scenarios: descriptions,
    results,
    failures,
  };
  if (options.json === '-') host.stdout.write(toJson(comparison));
  file?.write(comparison);
  if (host.signal.aborted) {
    const { status, message } = host.signal.reason as Interruption;
    if (message !== '') host.stderr.write(`fdpoll: ${message}\n`);
    return status;
  }
  return failures.length > 0 ? FAILED_STATUS : OK_STATUS;
}

/** The backends to run, or what is wrong with those asked for. */
export function chooseBackends(
  { backends }: Pick<Environment, 'backends'>,
  asked: readonly string[] | undefined,
): readonly BackendName[] | string {
  const usable = backends.filter((backend) => backend.usable).map(({ name }) => name);
  const missing = asked?.filter((name) => !usable.some((backend) => backend === name)) ?? [];
  if (missing.length > 0) {
    const near = missing.map((name) => nearest(name, usable)).filter((name) => name !== undefined);
    const hint = near.length > 0 ? ` (did you mean ${near.join(', ')}?)` : '';
    return `no usable backend ${missing.map((name) => `'${name}'`).join(', ')}${hint}`;
  }
  const chosen = usable.filter((name) => asked?.includes(name) ?? true);
  return chosen.length > 0 ? chosen : 'no usable backend';
}

/** What measures one scenario again, as it was measured here. */
function repeating({ name }: Scenario, { quick, rounds, backends }: CompareOptions): string {
  const words = ['fdpoll run', name, ...(quick ? ['--quick'] : []), ...(rounds ? [`--rounds ${rounds}`] : [])];
  return [...words, ...(backends?.map((backend) => `--backend ${backend}`) ?? [])].join(' ');
}

/** Also of one that is named with how it is used, such as `epoll, loop hosting`. */
function isOf(subject: string, backend: string): boolean {
  return subject === backend || subject.startsWith(`${backend}, `);
}

async function runScenario(scenario: Scenario, context: Context): Promise<Outcome> {
  let outcome: Outcome;
  try {
    outcome = await scenario.run(context);
  } catch (error) {
    const message = messageOf(error);
    const failures = context.backends.map((subject) => ({ scenario: scenario.name, subject, message }));
    return { measurements: [], failures, notes: [] };
  }
  if (context.signal.aborted || scenario.withoutBackends) return outcome;
  const silent = context.backends.filter(
    (backend) => ![...outcome.measurements, ...outcome.failures].some(({ subject }) => isOf(subject, backend)),
  );
  const failures = silent.map((subject) => {
    const message = outcome.notes.join('; ') || 'nothing was measured';
    return { scenario: scenario.name, subject, message };
  });
  return { ...outcome, failures: [...outcome.failures, ...failures] };
}
