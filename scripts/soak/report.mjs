// What a soak prints while it runs, and the files that it leaves.
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { version } from 'fdpoll';
import { page, rates } from './plot.mjs';

const MIB = 2 ** 20;
const COLUMNS = [
  's',
  'phase',
  'held',
  'fds',
  'RSS MiB',
  'cores',
  'MiB/s',
  'msg/s',
  'p50 ms',
  'p99 ms',
  'max ms',
  'events',
];
const WIDTHS = [6, 7, 8, 8, 9, 7, 8, 9, 9, 9, 9, 9];
/** Seconds between two rows: a run has some thirty of them. */
const every = (seconds) => Math.max(1, Math.round(seconds / 30));

const count = (number) => Math.round(number).toLocaleString('en');
const fixed = (number, digits) => number.toFixed(digits);
const line = (cells) => console.log(cells.map((cell, i) => String(cell).padStart(WIDTHS[i])).join(''));

export class Report {
  #name;
  #title;
  #every;
  #seen = 0;
  #shown;

  constructor({ scenario, backend, hosting }, { connections, seconds }) {
    this.#name = `${scenario}-${backend}-${hosting}`;
    this.#title = `${scenario} on ${backend}, ${hosting}: ${count(connections)} connections, ${count(seconds)} s`;
    this.#every = every(seconds);
    console.log(`\n== ${this.#title}`);
    line(COLUMNS);
  }

  row(record) {
    if (this.#seen++ % this.#every !== 0 && record.phase === this.#shown?.phase) return;
    const { bytes, messages, cores } = rates(record, this.#shown);
    const { p50, p99, max } = record.latency;
    line([
      ...[fixed(record.at, 0), record.phase, count(record.connections ?? 0), count(record.fds)],
      ...[fixed(record.rss / MIB, 1), fixed(cores, 2), fixed(bytes / MIB, 1), count(messages)],
      ...[p50, p99, max].map((ms) => fixed(ms, 2)),
      fixed(record.perBatch?.mean ?? 0, 1),
    ]);
    this.#shown = record;
  }

  /** Prints the verdicts, and writes the record as JSON and as a page. */
  end(result, verdicts, folder) {
    console.log('');
    for (const { what, ok, detail } of verdicts) console.log(`${(ok ? 'ok' : 'FAILED').padEnd(8)}${what}: ${detail}`);
    const machine = {
      cpu: cpus()[0]?.model,
      cores: cpus().length,
      memory: totalmem(),
      kernel: release(),
      node: process.version,
    };
    const file = join(folder, this.#name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(`${file}.json`, JSON.stringify({ fdpoll: version, machine, ...result, verdicts }, undefined, 1));
    writeFileSync(`${file}.html`, page(this.#title, verdicts, result.records));
    console.log(`${file}.json, ${file}.html`);
  }
}
