import { drawChart, type Series } from './chart.ts';
import type { Limits } from './environment.ts';
import { formatCount, wrap } from './format.ts';
import { type BackendState, type Environment, type Plot, toPlot } from './results.ts';
import type { Measurement, Metric, Outcome, Scenario } from './scenario.ts';
import { LEAST_ROUNDS, summarize } from './statistics.ts';
import { renderTable, UNSURE } from './table.ts';

const LABEL_WIDTH = 13;

export function renderEnvironment(environment: Environment, width: number): string {
  return environmentRows(environment)
    .flatMap(([label, text]) => {
      const lines = text.split('\n').flatMap((line) => wrap(line, width - LABEL_WIDTH).split('\n'));
      return lines.map((line, i) => `${(i === 0 ? label : '').padEnd(LABEL_WIDTH)}${line}\n`);
    })
    .join('');
}

/** What is known of the machine; a text may have several lines. */
export function environmentRows(environment: Environment): [label: string, text: string][] {
  const { cpu, mitigations, nofile } = environment;
  const processors = cpu.available === cpu.count ? `${cpu.count}` : `${cpu.available} of ${cpu.count}`;
  const runtime = [environment.runtime, environment.libuv && `libuv ${environment.libuv}`, environment.libc];
  const rows: [label: string, text: string][] = [
    ['fdpoll', environment.fdpoll],
    ['date', environment.date],
    ['kernel', `${environment.kernel} ${environment.architecture}`],
    ['cpu', [`${processors} × ${cpu.model}`, ...renderShares(cpu)].join(', ')],
    ['governor', environment.governor ?? ''],
    ['mitigations', mitigations ? list(mitigations.mitigated) : ''],
    ['vulnerable', mitigations ? list(mitigations.vulnerable) : ''],
    ['runtime', runtime.filter(Boolean).join(', ')],
    ['container', environment.container ?? ''],
    ['descriptors', nofile ? renderLimits(nofile) : ''],
    ['backends', environment.backends.map(renderBackend).join('\n')],
  ];
  return rows.filter(([, text]) => text !== '');
}

/** Which backends there are and why others are not, for an error message. */
export function renderBackends(backends: readonly BackendState[]): string {
  return backends.map((backend) => `  ${renderBackend(backend)}\n`).join('');
}

export function renderOutcome(scenario: Scenario, outcome: Outcome, width: number): string {
  const parts = [`${scenario.name}: ${scenario.title}\n${wrap(scenario.description, width)}\n`];
  for (const metric of scenario.metrics) {
    const measured = outcome.measurements.filter((measurement) => measurement.metric.name === metric.name);
    if (measured.length === 0) continue;
    const table = renderTable(measured, metric, scenario.reference);
    parts.push(`${heading(metric)}\n\n${table}\n`, ...renderCharts(scenario, measured, metric, width));
    parts.push(...noiseVerdict(table, measured).map((verdict) => `${wrap(verdict, width)}\n`));
  }
  if (outcome.notes.length > 0) parts.push(outcome.notes.map((note) => `${wrap(`- ${note}`, width, 2)}\n`).join(''));
  return parts.join('\n');
}

function heading({ title, better }: Metric): string {
  return `${title} (${better} is better)`;
}

/** The lines that the scenario would have drawn of this metric. */
function renderCharts(scenario: Scenario, measured: readonly Measurement[], metric: Metric, width: number): string[] {
  const plots = scenario.plots.map(toPlot).filter((plot) => plot.kind === 'line' && plot.metric === metric.name);
  return plots.flatMap((plot) => {
    const chart = drawChart(seriesOf(plot, measured), {
      x: plot.x ?? '',
      y: `${metric.unit}, both axes logarithmic`,
      width,
    });
    return chart === '' ? [] : [chart];
  });
}

function seriesOf({ x = '', series, where }: Plot, measured: readonly Measurement[]): Series[] {
  const found = new Map<string, [number, number][]>();
  for (const { subject, parameters, samples } of measured) {
    if (!Object.entries(where).every(([name, value]) => parameters[name] === value)) continue;
    const name = [subject, ...series.map((key) => parameters[key])].join(' ');
    const points = found.get(name) ?? [];
    found.set(name, points);
    points.push([Number(parameters[x]), summarize(samples).median]);
  }
  return [...found].map(([name, points]) => ({ name, points }));
}

/** What cannot be read out of these figures. */
function noiseVerdict(table: string, measured: readonly Measurement[]): string[] {
  const rounds = measured[0]?.samples.length ?? 0;
  const outliers = measured.reduce((sum, { samples }) => sum + summarize(samples).outliers, 0);
  const samples = measured.reduce((sum, { samples }) => sum + samples.length, 0);
  return [
    ...(table.includes(UNSURE)
      ? [
          rounds < LEAST_ROUNDS
            ? `${UNSURE} too few rounds to tell: take ${LEAST_ROUNDS} or more (--rounds).`
            : `${UNSURE} too noisy to tell: the ratio may be 1. Quieten the machine or take more rounds.`,
        ]
      : []),
    ...(outliers > 0 ? [`${formatCount(outliers)} of ${formatCount(samples)} samples are outliers.`] : []),
  ];
}

function renderShares({ quota, smt }: Environment['cpu']): string[] {
  return [
    ...(quota === undefined ? [] : [`at most ${quota} at a time by quota`]),
    ...(smt === undefined ? [] : [`SMT ${smt ? 'on' : 'off'}`]),
  ];
}

function renderLimits({ soft, hard }: Limits): string {
  const show = (limit: number | 'unlimited') => (limit === 'unlimited' ? limit : formatCount(limit));
  return `${show(soft)} a process (RLIMIT_NOFILE, hard limit ${show(hard)})`;
}

function renderBackend({ name, usable, default: isDefault, reason, over }: BackendState): string {
  const title = over ? `${name} over ${over}` : name;
  if (usable) return isDefault ? `${title} (default)` : title;
  return `${title}: not available${reason ? `, ${reason}` : ''}`;
}

function list(names: readonly string[]): string {
  return names.join(', ');
}
