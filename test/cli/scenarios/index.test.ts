import { describe, expect, it } from 'vitest';
import { toPlot } from '../../../lib/cli/results.ts';
import { scenarios } from '../../../lib/cli/scenarios/index.ts';

/** The promise is 60 s for `compare --quick`; the rest is for starting servers and opening descriptors. */
const QUICK_SLICES_MS = 50_000;

describe('the scenarios', () => {
  it('have names that fit a command line, each once', () => {
    const names = scenarios.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z][a-z0-9-]*$/);
  });

  it('keep together within what --quick promises', () => {
    const backends = ['epoll', 'poll', 'select'] as const;
    const durations = scenarios.map((scenario) => scenario.duration({ quick: true, backends, rounds: 5 }));
    expect(Math.min(...durations)).toBeGreaterThan(0);
    expect(durations.reduce((sum, duration) => sum + duration, 0)).toBeLessThanOrEqual(QUICK_SLICES_MS);
  });

  it.each(
    scenarios.map((scenario) => [scenario.name, scenario] as const),
  )('%s takes longer with more rounds, more backends and without --quick', (_, scenario) => {
    const few = { quick: true, backends: ['epoll'] as const, rounds: 5 };
    const duration = scenario.duration(few);
    expect(scenario.duration({ ...few, rounds: 11 })).toBeGreaterThan(duration);
    expect(scenario.duration({ ...few, backends: ['epoll', 'poll'] })).toBeGreaterThanOrEqual(duration);
    expect(scenario.duration({ ...few, quick: false })).toBeGreaterThan(duration);
  });

  it.each(
    scenarios.map((scenario) => [scenario.name, scenario] as const),
  )('%s draws what it measures', (_, scenario) => {
    const metrics = scenario.metrics.map(({ name }) => name);
    const plots = scenario.plots.map(toPlot);
    expect(new Set(metrics).size).toBe(metrics.length);
    expect(new Set(plots.map(({ name }) => name)).size).toBe(plots.length);
    for (const plot of plots) {
      expect(metrics).toContain(plot.metric);
      expect(plot.says).toMatch(/\.$/);
      if (plot.kind === 'line') expect(plot.x).toBeDefined();
    }
  });
});
