import type { Figure, ReportDocument, Run, Section } from './document.ts';
import type { FiguresTable } from './figures_table.ts';
import { printable } from './markup.ts';

/** Where the picture of a figure is, seen from the text; undefined where there is none. */
export type PicturePath = (figure: Figure) => string | undefined;

/** The report in GitHub's Markdown, for a README or a pull request. */
export function renderMarkdown({ title, runs }: ReportDocument, pictureOf: PicturePath): string {
  const level = runs.length > 1 ? 3 : 2;
  const parts = [`# ${escapeMarkdown(title)}`, ...runs.flatMap((run) => renderRun(run, level, pictureOf))];
  return `${parts.join('\n\n')}\n`;
}

function renderRun(run: Run, level: number, pictureOf: PicturePath): string[] {
  const { name, command, environment, interrupted, failures, sections } = run;
  return [
    ...(level > 2 ? [heading(level - 1, name)] : []),
    ...(interrupted ? ['**This run was interrupted: not all that was asked for is here.**'] : []),
    ...(command === '' ? [] : [codeBlock(command)]),
    tableText(
      [{ title: '' }, { title: '' }],
      environment.map(([label, text]) => [label, text.replaceAll('\n', ', ')]),
    ),
    ...(sections.length === 0 ? ['There is nothing to show: nothing was measured.'] : []),
    ...(failures.length === 0
      ? []
      : [
          heading(level, 'What could not be measured'),
          failures
            .map(({ scenario, subject, message }) => `- ${escapeMarkdown(`${scenario} on ${subject}: ${message}`)}`)
            .join('\n'),
        ]),
    ...sections.flatMap((section) => renderSection(section, level, pictureOf)),
  ];
}

function renderSection({ scenario, figures, tables }: Section, level: number, pictureOf: PicturePath): string[] {
  return [
    heading(level, scenario.title),
    escapeMarkdown(scenario.description),
    ...figures.flatMap((figure) => renderFigure(figure, level + 1, pictureOf)),
    ...tables.flatMap(([title, table]) => [heading(level + 1, title), ...renderFigures(table)]),
    ...(scenario.notes.length === 0 ? [] : [scenario.notes.map((note) => `- ${escapeMarkdown(note)}`).join('\n')]),
    codeBlock(scenario.command),
  ];
}

function renderFigure(figure: Figure, level: number, pictureOf: PicturePath): string[] {
  const { data, says, derived, table } = figure;
  const picture = pictureOf(figure);
  return [
    heading(level, data.plot.title),
    ...(picture === undefined ? [] : [`![${escapeMarkdown(data.plot.title)}](${encodeURI(picture)})`]),
    escapeMarkdown(`${says} ${derived}`),
    ...(table ? renderFigures(table) : ['There is nothing to show: nothing of this was measured.']),
  ];
}

function renderFigures({ head, rows, remarks }: FiguresTable): string[] {
  return [tableText(head, rows), remarks.map(escapeMarkdown).join(' ')];
}

function tableText(
  head: readonly { title: string; numeric?: boolean }[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    line(head.map(({ title }) => escapeMarkdown(title))),
    line(head.map(({ numeric }) => (numeric ? '---:' : '---'))),
    ...rows.map((row) => line(row.map(escapeMarkdown))),
  ].join('\n');
}

function heading(level: number, text: string): string {
  return `${'#'.repeat(level)} ${escapeMarkdown(text)}`;
}

/** Text that stands for itself, on one line. */
export function escapeMarkdown(text: string): string {
  return printable(text)
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[\\`*_{}[\]<>#|~&!$@]/g, '\\$&')
    .replace(/^([-+]|\d+[.)])(?=\s|$)/, '\\$1');
}

/** The fence is longer than any in the text. */
function codeBlock(text: string): string {
  const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(Math.max(3, longest + 1));
  return `${fence}sh\n${printable(text)}\n${fence}`;
}
