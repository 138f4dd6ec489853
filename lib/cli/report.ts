import { drawChart } from './chart.ts';
import type { BackendState, Environment, Limits } from './environment.ts';
import { formatCount, formatPercent, wrap } from './format.ts';
import type { Measurement, Metric, Outcome, Scenario } from './scenario.ts';
import { median, spread, summarize } from './statistics.ts';
import { renderTable } from './table.ts';

/** Rounds that disagree by more than this say nothing about small differences between subjects. */
const NOISY = 0.25;
const LABEL_WIDTH = 13;

export function renderEnvironment(environment: Environment, width: number): string {
  const { cpu, mitigations, nofile } = environment;
  const processors = cpu.available === cpu.count ? `${cpu.count}` : `${cpu.available} of ${cpu.count}`;
  const runtime = [environment.runtime, environment.libuv && `libuv ${environment.libuv}`, environment.libc];
  const rows: [label: string, text: string][] = [
    ['fdpoll', environment.fdpoll],
    ['date', environment.date],
    ['kernel', `${environment.kernel} ${environment.architecture}`],
    ['cpu', `${processors} × ${cpu.model}`],
    ['governor', environment.governor ?? ''],
    ['mitigations', mitigations ? list(mitigations.mitigated) : ''],
    ['vulnerable', mitigations ? list(mitigations.vulnerable) : ''],
    ['runtime', runtime.filter(Boolean).join(', ')],
    ['descriptors', nofile ? renderLimits(nofile) : ''],
    ['backends', environment.backends.map(renderBackend).join('\n')],
  ];
  return rows
    .filter(([, text]) => text !== '')
    .flatMap(([label, text]) => {
      const lines = text.split('\n').flatMap((line) => wrap(line, width - LABEL_WIDTH).split('\n'));
      return lines.map((line, i) => `${(i === 0 ? label : '').padEnd(LABEL_WIDTH)}${line}\n`);
    })
    .join('');
}

/** Which backends there are and why others are not, for an error message. */
export function renderBackends(backends: readonly BackendState[]): string {
  return backends.map((backend) => `  ${renderBackend(backend)}\n`).join('');
}

export function renderOutcome(scenario: Scenario, outcome: Outcome, width: number): string {
  const parts = [`${scenario.name}\n${wrap(scenario.description, width)}\n`];
  for (const metric of scenario.metrics) {
    const measured = outcome.measurements.filter((measurement) => measurement.metric.name === metric.name);
    if (measured.length === 0) continue;
    parts.push(`${heading(metric)}\n\n${renderTable(measured, metric, scenario.reference)}\n`);
    const chart = renderChart(measured, metric, width);
    if (chart !== '') parts.push(chart);
    const verdict = noiseVerdict(measured);
    if (verdict !== '') parts.push(`${wrap(verdict, width)}\n`);
  }
  if (outcome.notes.length > 0) parts.push(outcome.notes.map((note) => `${wrap(`- ${note}`, width, 2)}\n`).join(''));
  return parts.join('\n');
}

function heading({ name, better }: Metric): string {
  return `${name.replaceAll('-', ' ').replace('cpu', 'CPU')} (${better} is better)`;
}

/** Only where something varies: one parameter on the x axis, a series for each subject. */
function renderChart(measured: readonly Measurement[], metric: Metric, width: number): string {
  const [name] = Object.keys(measured[0]?.parameters ?? {}).filter(
    (key) => new Set(measured.map(({ parameters }) => parameters[key])).size > 1,
  );
  if (name === undefined) return '';
  const subjects = [...new Set(measured.map(({ subject }) => subject))];
  const series = subjects.map((subject) => {
    const points = measured
      .filter((measurement) => measurement.subject === subject)
      .map(({ parameters, samples }) => [parameters[name] ?? 0, summarize(samples).median] as const);
    return { name: subject, points };
  });
  return drawChart(series, { x: name, y: `${metric.unit}, both axes logarithmic`, width });
}

function noiseVerdict(measured: readonly Measurement[]): string {
  const typical = median(measured.map(({ samples }) => spread(summarize(samples))));
  if (typical <= NOISY) return '';
  return `Noisy: the rounds differ by ${formatPercent(typical)} (median spread). Quieten the machine or take more rounds before reading anything into smaller differences.`;
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
