import { readFileSync } from 'node:fs';
import { parse } from '@humanwhocodes/momoa';
import * as v from 'valibot';
import { messageOf } from './command.ts';

/** What `--json` writes and `report` and `diff` read: it describes itself, so that they need not know the scenarios. */
export const FORMAT_VERSION = 1;

const parameters = v.pipe(
  v.record(v.string(), v.union([v.number(), v.string()])),
  v.description('What was set for a measurement, such as the number of descriptors; the same keys within a scenario.'),
);

const metric = v.object({
  name: v.pipe(v.string(), v.description('Unique within the scenario.')),
  title: v.pipe(v.string(), v.description('For people.')),
  unit: v.string(),
  better: v.picklist(['lower', 'higher']),
  unsteady: v.optional(
    v.pipe(
      v.boolean(),
      v.description(
        'It may jump from one run to the next by itself, as with where the scheduler puts threads: diff does not judge it.',
      ),
    ),
  ),
});

const plot = v.object({
  name: v.pipe(v.string(), v.regex(/^[a-z0-9-]+$/), v.description('Unique within the scenario; the name of its file.')),
  kind: v.pipe(
    v.picklist(['line', 'bar', 'percentiles']),
    v.description('line: over the parameter x. bar: one for each series. percentiles: over the parameter percentile.'),
  ),
  title: v.string(),
  says: v.pipe(v.string(), v.description('One sentence: what is to be seen.')),
  metric: v.pipe(v.string(), v.description('The name of the metric on the y axis.')),
  x: v.optional(v.pipe(v.string(), v.description('The parameter on the x axis of a line.'))),
  xScale: v.optional(v.picklist(['linear', 'log']), 'linear'),
  yScale: v.optional(v.picklist(['linear', 'log']), 'linear'),
  series: v.optional(
    v.pipe(v.array(v.string()), v.description('Parameters that make a series, together with the subject.')),
    [],
  ),
  where: v.optional(v.pipe(parameters, v.description('Only measurements with these parameters.')), {}),
});

const scenario = v.object({
  name: v.string(),
  title: v.string(),
  description: v.string(),
  command: v.pipe(v.string(), v.description('What repeats it.')),
  reference: v.optional(
    v.pipe(v.string(), v.description('The subject that others are compared to; without it, the best.')),
  ),
  metrics: v.array(metric),
  plots: v.array(plot),
  notes: v.pipe(v.array(v.string()), v.description('Stated limits: where a backend or the machine stops.')),
});

const figure = v.pipe(v.number(), v.finite());
const count = v.pipe(v.number(), v.integer(), v.minValue(0));

const result = v.object({
  scenario: v.string(),
  subject: v.pipe(v.string(), v.description('A backend, or what is measured beside them, such as node:net.')),
  parameters,
  metric: v.string(),
  unit: v.string(),
  better: v.picklist(['lower', 'higher']),
  samples: v.pipe(v.array(figure), v.minLength(1), v.description('One for each counted round, in their order.')),
  median: figure,
  q1: v.pipe(figure, v.description('The first quartile of the samples.')),
  q3: v.pipe(figure, v.description('The third quartile of the samples.')),
  min: figure,
  max: figure,
  rounds: count,
  outliers: v.pipe(count, v.description("Samples beyond Tukey's fences, 1.5 times the distance of the quartiles.")),
});

const failure = v.object({ scenario: v.string(), subject: v.string(), message: v.string() });

const limit = v.union([count, v.literal('unlimited')]);

export const BACKEND_NAMES = ['epoll', 'kqueue', 'poll', 'select'] as const;

export const backend = v.object({
  name: v.picklist(BACKEND_NAMES),
  compiled: v.boolean(),
  usable: v.boolean(),
  default: v.boolean(),
  reason: v.optional(v.string()),
  over: v.optional(v.literal('libkqueue')),
});

export const environment = v.object({
  date: v.string(),
  fdpoll: v.string(),
  runtime: v.string(),
  libuv: v.optional(v.string()),
  libc: v.optional(v.string()),
  kernel: v.string(),
  architecture: v.string(),
  cpu: v.object({
    model: v.string(),
    count: v.pipe(count, v.description('Processors of the machine, each thread of a core counted.')),
    available: v.pipe(count, v.description('On how many this process may run, by its affinity.')),
    quota: v.optional(v.pipe(figure, v.description("How many processors' worth of time a control group gives it."))),
    smt: v.optional(v.pipe(v.boolean(), v.description('Whether cores run several threads at once.'))),
  }),
  governor: v.optional(v.string()),
  mitigations: v.optional(v.object({ mitigated: v.array(v.string()), vulnerable: v.array(v.string()) })),
  container: v.optional(v.pipe(v.string(), v.description('Kinds of container, as far as files tell.'))),
  nofile: v.optional(v.object({ soft: limit, hard: limit })),
  backends: v.array(backend),
});

/** The shape of a file of results. `dist/results.schema.json` is made from it. */
export const resultsSchema = v.object({
  version: v.literal(FORMAT_VERSION),
  command: v.pipe(v.string(), v.description('What was run.')),
  interrupted: v.pipe(v.boolean(), v.description('Not all that was asked for is there.')),
  environment: v.pipe(environment, v.description('What has to be known to judge the figures.')),
  scenarios: v.array(scenario),
  results: v.array(result),
  failures: v.pipe(v.array(failure), v.description('What was asked for and could not be measured.')),
});

export type Results = v.InferOutput<typeof resultsSchema>;
export type Result = v.InferOutput<typeof result>;
export type ScenarioDescription = v.InferOutput<typeof scenario>;
export type Plot = v.InferOutput<typeof plot>;
export type PlotInput = v.InferInput<typeof plot>;
export type Metric = v.InferOutput<typeof metric>;
export type Parameters = v.InferOutput<typeof parameters>;
export type Environment = v.InferOutput<typeof environment>;
export type BackendState = v.InferOutput<typeof backend>;
export type Failure = v.InferOutput<typeof failure>;

/** A plot with what is usual where it says nothing. */
export const toPlot = (given: PlotInput): Plot => v.parse(plot, given);

/** The results in a text, or an error that says what is wrong and where. `source` names the file. */
export function parseResults(text: string, source: string): Results {
  const value = parseJson(text, source);
  const version = typeof value === 'object' && value !== null && 'results' in value && 'version' in value;
  if (version && value.version !== FORMAT_VERSION) {
    const found = JSON.stringify(value.version);
    throw new Error(`${source} has version ${found} of the format; this fdpoll reads version ${FORMAT_VERSION}`);
  }
  const { success, output, issues } = v.safeParse(resultsSchema, value);
  if (success) return output;
  const [issue] = issues;
  const place = v.getDotPath(issue) ?? 'the top';
  throw new Error(`${source} is not what fdpoll --json writes: at ${place}: ${issue.message}`);
}

/** The results in a file; `-` is standard input. */
export function readResults(path: string): Results {
  let text: string;
  try {
    text = readFileSync(path === '-' ? 0 : path, 'utf8');
  } catch (error) {
    throw new Error(`cannot read ${path}: ${messageOf(error)}`, { cause: error });
  }
  return parseResults(text, path === '-' ? 'standard input' : path);
}

function parseJson(text: string, source: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${source} is no JSON: ${placeOf(text) ?? messageOf(error)}`, { cause: error });
  }
}

/** The engine's own message has no place, or one that depends on its version. */
function placeOf(text: string): string | undefined {
  try {
    parse(text);
    return undefined;
  } catch (error) {
    return messageOf(error).replace(/^(.*)\. \((\d+):(\d+)\)$/, 'line $2, column $3: $1');
  }
}
