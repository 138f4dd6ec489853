import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { addAbortSignal } from 'node:stream';
import { text } from 'node:stream/consumers';
import { FAILED_STATUS, type Host, type Interruption, messageOf, OK_STATUS, USAGE_STATUS } from '../command.ts';
import { parseResults } from '../results.ts';
import { type Figure, type ReportDocument, type Source, toDocument } from './document.ts';
import { renderMarkdown } from './markdown.ts';
import { renderPage } from './page.ts';
import { Styles } from './palette.ts';
import { drawFile } from './picture.ts';

export interface ReportOptions {
  /** Files of results; `-` is standard input. */
  readonly inputs: readonly string[];
  /** The page; `-` is standard output. */
  readonly output?: string;
  /** A folder for the pictures; it is made. */
  readonly svg?: string;
  /** `-` is standard output. */
  readonly markdown?: string;
}

/** Reads all inputs before anything is written. */
export async function report(options: ReportOptions, host: Host): Promise<number> {
  let sources: readonly Source[];
  try {
    refuseConflicts(options);
    sources = await readAll(options.inputs, host);
  } catch (error) {
    if (host.signal.aborted) return (host.signal.reason as Interruption).status;
    host.stderr.write(`fdpoll: ${messageOf(error)}\n`);
    return USAGE_STATUS;
  }
  const document = toDocument(sources);
  const styles = new Styles(sources.map(({ results }) => results));
  try {
    if (options.output !== undefined) writeTo(options.output, renderPage(document, styles), host);
    if (options.svg !== undefined) writePictures(options.svg, document, styles);
    if (options.markdown !== undefined)
      writeTo(options.markdown, renderMarkdown(document, picturePath(options, options.markdown)), host);
    return OK_STATUS;
  } catch (error) {
    host.stderr.write(`fdpoll: ${messageOf(error)}\n`);
    return FAILED_STATUS;
  }
}

function refuseConflicts({ inputs, output, svg, markdown }: ReportOptions): void {
  const outputs = [output, markdown].filter((path) => path !== undefined);
  if (outputs.length === 0 && svg === undefined)
    throw new Error('nothing to write: say where, by --output, --svg or --markdown');
  if (inputs.filter((path) => path === '-').length > 1) throw new Error('standard input can be read once');
  if (outputs.length > 1 && outputs[0] === outputs[1]) throw new Error(`${output} cannot be both page and Markdown`);
  const overwritten = outputs.find((path) => path !== '-' && inputs.some((input) => resolve(input) === resolve(path)));
  if (overwritten !== undefined) throw new Error(`${overwritten} is what is read: it would be overwritten`);
}

async function readAll(inputs: readonly string[], host: Host): Promise<Source[]> {
  const sources: Source[] = [];
  for (const path of inputs) {
    const name = path === '-' ? 'standard input' : path;
    sources.push({ name, results: parseResults(await read(path, host), name) });
  }
  return sources;
}

async function read(path: string, { signal, stdin = process.stdin }: Host): Promise<string> {
  if (path === '-') return text(addAbortSignal(signal, stdin));
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Error(`cannot read ${path}: ${messageOf(error)}`, { cause: error });
  }
}

function writePictures(folder: string, { runs }: ReportDocument, styles: Styles): void {
  attempt(folder, () => mkdirSync(folder, { recursive: true }));
  for (const { sections, provenance } of runs) {
    for (const figure of sections.flatMap(({ figures }) => figures)) {
      if (figure.empty) continue;
      const path = picturePathIn(folder, figure);
      const description = `${figure.says} ${figure.derived}`;
      attempt(path, () => writeFileSync(path, drawFile(figure.data, styles, description, provenance)));
    }
  }
}

/** Pictures are shown where they were written, too. */
function picturePath({ svg }: ReportOptions, markdown: string): (figure: Figure) => string | undefined {
  const from = markdown === '-' ? '.' : dirname(markdown);
  return (figure) => (svg === undefined || figure.empty ? undefined : relative(from, picturePathIn(svg, figure)));
}

function picturePathIn(folder: string, { id }: Figure): string {
  return join(folder, `${id}.svg`);
}

function writeTo(path: string, content: string, host: Host): void {
  if (path === '-') host.stdout.write(content);
  else attempt(path, () => writeFileSync(path, content));
}

function attempt(path: string, action: () => void): void {
  try {
    action();
  } catch (error) {
    throw new Error(`cannot write ${path}: ${messageOf(error)}`, { cause: error });
  }
}
