import type { BackendName } from '../index.ts';
import { type CompareOptions, USAGE_STATUS } from './arguments.ts';
import { describeEnvironment, type Environment } from './environment.ts';
import { JsonFile, toJson } from './json_file.ts';
import { Progress } from './progress.ts';
import { renderBackends, renderEnvironment, renderOutcome } from './report.ts';
import { messageOf } from './rounds.ts';
import { type Context, type Failure, type Outcome, type Result, type Scenario, toResult } from './scenario.ts';
import { dispatch } from './scenarios/dispatch.ts';
import { echo } from './scenarios/echo.ts';
import { pingPong } from './scenarios/ping_pong.ts';

export const scenarios: readonly Scenario[] = [dispatch, pingPong, echo];

/** What `--json` writes. */
export interface Comparison {
  readonly version: 1;
  readonly environment: Environment;
  readonly results: readonly Result[];
}

export interface Host {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly serverPath: string;
  /** Aborted, with an `Interruption` as the reason, the run ends with what is finished. */
  readonly signal: AbortSignal;
}

export interface Interruption {
  /** The exit status. */
  readonly status: number;
  /** What the user is told, if there is someone to be told. */
  readonly message: string;
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
    serverPath: host.serverPath,
    signal: host.signal,
    step: () => {},
  };
  const durations = chosen.map((scenario) => scenario.duration(settings));
  const progress = new Progress(host.stderr, durations);
  report.write(renderEnvironment(environment, width));

  const results: Result[] = [];
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
    failures.push(...outcome.failures);
  }

  for (const { scenario, subject, message } of failures) {
    host.stderr.write(`fdpoll: ${scenario} on ${subject} failed: ${message}\n`);
  }
  const comparison: Comparison = { version: 1, environment, results };
  if (options.json === '-') host.stdout.write(toJson(comparison));
  file?.write(comparison);
  if (host.signal.aborted) {
    const { status, message } = host.signal.reason as Interruption;
    if (message !== '') host.stderr.write(`fdpoll: ${message}\n`);
    return status;
  }
  return failures.length > 0 ? 1 : 0;
}

/** The backends to run, or what is wrong with those asked for. */
export function chooseBackends(
  { backends }: Pick<Environment, 'backends'>,
  asked: readonly string[] | undefined,
): readonly BackendName[] | string {
  const usable = backends.filter((backend) => backend.usable).map(({ name }) => name);
  const missing = asked?.filter((name) => !usable.some((backend) => backend === name)) ?? [];
  if (missing.length > 0) return `no usable backend ${missing.map((name) => `'${name}'`).join(', ')}`;
  const chosen = usable.filter((name) => asked?.includes(name) ?? true);
  return chosen.length > 0 ? chosen : 'no usable backend';
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
  if (context.signal.aborted) return outcome;
  const silent = context.backends.filter(
    (backend) => ![...outcome.measurements, ...outcome.failures].some(({ subject }) => subject === backend),
  );
  const failures = silent.map((subject) => {
    const message = outcome.notes.join('; ') || 'nothing was measured';
    return { scenario: scenario.name, subject, message };
  });
  return { ...outcome, failures: [...outcome.failures, ...failures] };
}
