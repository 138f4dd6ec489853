import { describe, expect, it } from 'vitest';
import { toDocument } from '../../../lib/cli/report/document.ts';
import { rich } from './plots.ts';
import { resultsOf } from './results.ts';

describe('toDocument', () => {
  it('is named after what was measured, and where', () => {
    expect(toDocument([{ name: 'r.json', results: rich }]).title).toBe(
      'fdpoll: epoll, kqueue, poll and select on Linux 6.1.0',
    );
    expect(toDocument([{ name: 'r.json', results: resultsOf([]) }]).title).toBe('fdpoll: a run on Linux 6.1.0');
  });

  it('gives every figure a name of its own, also those of two files with the same name', () => {
    const sources = ['a/r.json', 'b/r.json'].map((name) => ({ name, results: rich }));
    const { title, runs } = toDocument(sources);
    const ids = runs.flatMap(({ id, sections }) => [
      id,
      ...sections.flatMap((one) => [one.id, ...one.figures.map((f) => f.id)]),
    ]);
    expect(title).toBe('fdpoll: 2 runs');
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[a-z0-9-]+$/);
    expect(ids).toContain('r-dispatch-count');
    expect(ids).toContain('r-dispatch-count-2');
  });

  it('names the figures of a single file after scenario and plot', () => {
    const [run] = toDocument([{ name: 'r.json', results: rich }]).runs;
    expect(run?.sections[0]?.figures.map(({ id }) => id)).toEqual(['dispatch-count', 'dispatch-modes']);
  });

  it('knows what was not measured', () => {
    const [run] = toDocument([{ name: 'r.json', results: rich }]).runs;
    const figures = run?.sections.flatMap((section) => section.figures) ?? [];
    expect(figures.filter(({ empty }) => empty).map(({ id, table, derived }) => [id, table, derived])).toEqual([
      ['echo-connections', undefined, ''],
    ]);
  });

  it('says where the figures are from', () => {
    const [run] = toDocument([{ name: 'r.json', results: rich }]).runs;
    expect(run?.provenance).toBe('fdpoll 1.2.3, Node.js 22.0.0, Linux 6.1.0 x86_64, 2 × Some CPU, 2026-01-02');
  });
});
