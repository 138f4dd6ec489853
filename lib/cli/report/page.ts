import type { Figure, ReportDocument, Run, Section } from './document.ts';
import type { FiguresTable } from './figures_table.ts';
import { html, Markup } from './markup.ts';
import { pageStyle } from './page_style.ts';
import type { Styles } from './palette.ts';
import { drawPicture, NARROW, WIDE } from './picture.ts';

/** Nothing is loaded, and nothing runs, whatever should come to be written into the page. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/** The report as one page that needs nothing else. */
export function renderPage(document: ReportDocument, styles: Styles): string {
  const several = document.runs.length > 1;
  const page = html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${document.title}</title>
<style>${new Markup(pageStyle)}</style>
</head>
<body>
<main>
<h1>${document.title}</h1>
${several ? [contents(document.runs.flatMap(({ sections }) => sections)), howToRead] : []}
${document.runs.map((run) => renderRun(run, styles, several))}
</main>
<footer>Written by <code>fdpoll report</code>. The figures are those of the machine above: measure your own.</footer>
</body>
</html>
`;
  return page.text;
}

const howToRead = html`<p class="quiet">Points and bars are medians over the rounds, in which all subjects take turns; the whiskers are
the quartiles. A ratio is the median over the rounds, with its 95 % interval; where that holds 1 it is said to be too noisy to tell.</p>`;

function renderRun(run: Run, styles: Styles, several: boolean): Markup {
  const { id, name, command, environment, interrupted, failures, sections } = run;
  const level = several ? 3 : 2;
  return html`<section id="${id}">
${several ? html`<h2>${name}</h2>` : ''}
${interrupted ? html`<p class="warning" role="note">This run was interrupted: not all that was asked for is here.</p>` : ''}
${command === '' ? '' : html`<pre><code>${command}</code></pre>`}
<dl class="environment">
${environment.map(([label, text]) => html`<dt>${label}</dt><dd>${text}</dd>\n`)}</dl>
${several ? '' : [contents(sections), sections.length > 0 ? howToRead : '']}
${sections.length === 0 ? html`<p class="warning" role="note">There is nothing to draw: nothing was measured.</p>` : ''}
${failures.length === 0 ? '' : renderFailures(run, level)}
${sections.map((section) => renderSection(section, styles, level))}
</section>`;
}

function contents(sections: readonly Section[]): Markup | string {
  if (sections.length === 0) return '';
  const entries = sections.map(
    ({ id, scenario }) => html`<li><a href="#${id}"><code>${scenario.name}</code> ${scenario.title}</a></li>\n`,
  );
  return html`<nav aria-label="Contents">
<ul>
${entries}</ul>
</nav>`;
}

function renderFailures({ failures }: Run, level: number): Markup {
  const entries = failures.map(
    ({ scenario, subject, message }) => html`<li><b>${scenario}</b> on <b>${subject}</b>: ${message}</li>\n`,
  );
  return html`${heading(level, 'What could not be measured')}
<ul class="warning">
${entries}</ul>`;
}

function renderSection({ id, scenario, figures, tables }: Section, styles: Styles, level: number): Markup {
  return html`<section id="${id}">
${heading(level, scenario.title)}
<p>${scenario.description}</p>
${figures.map((figure) => renderFigure(figure, styles, level + 1))}
${tables.map(
  ([title, table]) => html`<details><summary>Figures: ${title}</summary>
${renderTable(table)}</details>`,
)}
${scenario.notes.length === 0 ? '' : html`<ul class="quiet">\n${scenario.notes.map((note) => html`<li>${note}</li>\n`)}</ul>`}
<p class="quiet">Repeat it:</p>
<pre><code>${scenario.command}</code></pre>
</section>`;
}

function renderFigure({ id, data, empty, says, derived, table }: Figure, styles: Styles, level: number): Markup {
  if (empty || table === undefined) {
    return html`${heading(level, data.plot.title)}
<p class="warning" role="note">There is nothing to draw: nothing of this was measured.</p>`;
  }
  const picture = (width: number, kind: string) =>
    new Markup(drawPicture(data, styles, { width, id: `${id}-${kind}`, description: `${says} ${derived}` }));
  return html`${heading(level, data.plot.title)}
<figure id="${id}">
<div class="wide">${picture(WIDE, 'wide')}</div>
<div class="narrow">${picture(NARROW, 'narrow')}</div>
<figcaption><span class="says">${says}</span> ${derived}</figcaption>
</figure>
<details><summary>Figures: ${data.metric.title}</summary>
${renderTable(table)}</details>`;
}

function renderTable({ head, rows, remarks }: FiguresTable): Markup {
  const cell = (tag: 'th scope="col"' | 'td', text: string, i: number) => {
    const [name] = tag.split(' ');
    return html`<${new Markup(tag)}${head[i]?.numeric ? new Markup(' class="number"') : ''}>${text}</${new Markup(name ?? '')}>`;
  };
  return html`<div class="scroll" tabindex="0"><table>
<thead><tr>${head.map(({ title }, i) => cell('th scope="col"', title, i))}</tr></thead>
<tbody>
${rows.map((row) => html`<tr>${row.map((text, i) => cell('td', text, i))}</tr>\n`)}</tbody>
</table></div>
<p class="quiet">${remarks.join(' ')}</p>`;
}

function heading(level: number, text: string): Markup {
  const tag = new Markup(`h${level}`);
  return html`<${tag}>${text}</${tag}>`;
}
