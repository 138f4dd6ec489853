import { describe, expect, it } from 'vitest';
import { renderBackends, renderEnvironment, renderOutcome } from '../../lib/cli/terminal_report.ts';
import { measured, rate, resultsOf, scenario, time } from './samples.ts';

const { environment } = resultsOf([]);
const outcome = (...measurements: ReturnType<typeof measured>[]) => ({ measurements, failures: [], notes: [] });

describe('renderEnvironment', () => {
  it('shows what is known, a line each', () => {
    expect(renderEnvironment(environment, 80)).toBe(
      [
        'fdpoll       1.2.3',
        'date         2026-01-02T03:04:05.678Z',
        'kernel       Linux 6.1.0 x86_64',
        'cpu          2 of 8 × Some CPU',
        'mitigations  meltdown, retbleed, spectre_v1, spectre_v2',
        'runtime      Node.js 22.0.0, libuv 1.50.0, glibc 2.36',
        'descriptors  1,024 a process (RLIMIT_NOFILE, hard limit unlimited)',
        'backends     epoll (default)',
        '             kqueue: not available, not compiled in',
        '',
      ].join('\n'),
    );
  });

  it('wraps long lines under their text', () => {
    const lines = renderEnvironment(environment, 40).split('\n');
    expect(lines).toContain('mitigations  meltdown, retbleed,');
    expect(lines).toContain('             spectre_v1, spectre_v2');
  });
});

describe('renderBackends', () => {
  it('lists what there is and what is not, with reasons', () => {
    expect(renderBackends(environment.backends)).toBe('  epoll (default)\n  kqueue: not available, not compiled in\n');
  });
});

describe('renderOutcome', () => {
  it('names the scenario, what it measures, and which way is better', () => {
    expect(renderOutcome(scenario, outcome(measured('epoll', time, [1])), 80)).toMatch(
      /^test: what a test costs\nWhat a test measures\.\n\ntime per event \(lower is better\)\n\nsubject/,
    );
  });

  it('leaves out a metric of which nothing was measured', () => {
    const text = renderOutcome(scenario, outcome(measured('epoll', rate, [1])), 80);
    expect(text).toContain('messages per second (higher is better)');
    expect(text).not.toContain('time per event');
  });

  it('draws the lines that the scenario asks for, a letter for each subject', () => {
    const text = renderOutcome(
      scenario,
      outcome(
        measured('epoll', time, [1], { pairs: 10 }),
        measured('poll', time, [1.5], { pairs: 10 }),
        measured('epoll', time, [1], { pairs: 100 }),
        measured('poll', time, [9], { pairs: 100 }),
      ),
      80,
    );
    expect(text).toContain('e epoll   p poll');
    expect(text).toContain('µs, both axes logarithmic');
  });

  it('draws those measurements alone that a plot is for, a line for each of its series', () => {
    const plot = { ...scenario.plots[0], series: ['trigger'], where: { active: 10 } };
    const measurements = [10, 100].flatMap((pairs) => [
      measured('epoll', time, [1], { pairs, active: 10, trigger: 'level' }),
      measured('epoll', time, [2], { pairs, active: 10, trigger: 'edge' }),
      measured('select', time, [2], { pairs, active: 99, trigger: 'edge' }),
    ]);
    const drawing = { ...scenario, plots: [plot as (typeof scenario.plots)[number]] };
    const legend = renderOutcome(drawing, outcome(...measurements), 80)
      .split('\n')
      .find((line) => line.includes('* several'));
    expect(legend).toBe('e epoll level   p epoll edge   * several');
  });

  it('draws no line where the scenario has none', () => {
    const bare = { ...scenario, plots: [] };
    expect(renderOutcome(bare, outcome(measured('epoll', time, [1])), 80)).not.toContain('e epoll');
  });

  it('says what is too noisy to tell, and what to do', () => {
    const epoll = measured('epoll', time, [3, 1, 2, 1, 3]);
    const noisy = renderOutcome(scenario, outcome(epoll, measured('poll', time, [1, 3, 1, 3, 2])), 80);
    expect(noisy).toContain('? too noisy to tell: the ratio may be 1.');
    const clear = renderOutcome(scenario, outcome(epoll, measured('poll', time, [30, 10, 20, 10, 30])), 80);
    expect(clear).not.toContain('too noisy');
  });

  it('says that there are too few rounds to tell anything', () => {
    const text = renderOutcome(scenario, outcome(measured('epoll', time, [1]), measured('poll', time, [9])), 80);
    expect(text).toContain('? too few rounds to tell: take 5 or more (--rounds).');
  });

  it('counts the outliers', () => {
    const calm = renderOutcome(scenario, outcome(measured('epoll', time, [1, 1.1, 1.2, 1.1, 1])), 80);
    expect(calm).not.toContain('outliers');
    const text = renderOutcome(scenario, outcome(measured('epoll', time, [1, 1.1, 1.2, 1.1, 9])), 80);
    expect(text).toContain('1 of 5 samples are outliers.');
  });

  it('ends with the notes', () => {
    const noted = { ...outcome(measured('epoll', time, [1])), notes: ['select stops'] };
    expect(renderOutcome(scenario, noted, 80)).toMatch(/\n- select stops\n$/);
  });
});
