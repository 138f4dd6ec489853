import { describe, expect, it } from 'vitest';
import type { Environment } from '../../lib/cli/environment.ts';
import type { Measurement, Metric, Scenario } from '../../lib/cli/scenario.ts';
import { renderBackends, renderEnvironment, renderOutcome } from '../../lib/cli/terminal_report.ts';

const environment: Environment = {
  date: '2026-01-02T03:04:05.678Z',
  fdpoll: '1.2.3',
  runtime: 'Node.js 22.0.0',
  libuv: '1.50.0',
  libc: 'glibc 2.36',
  kernel: 'Linux 6.1.0',
  architecture: 'x86_64',
  cpu: { model: 'Some CPU', count: 8, available: 2 },
  mitigations: { mitigated: ['meltdown', 'retbleed', 'spectre_v1', 'spectre_v2'], vulnerable: [] },
  nofile: { soft: 1024, hard: 'unlimited' },
  backends: [
    { name: 'epoll', compiled: true, usable: true, default: true },
    { name: 'kqueue', compiled: false, usable: false, default: false, reason: 'not compiled in' },
  ],
};

const metric: Metric = { name: 'server-cpu-per-message', title: 'server CPU per message', unit: 'µs', better: 'lower' };
const scenario: Scenario = {
  name: 'test',
  description: 'What a test measures.',
  metrics: [metric],
  duration: () => 0,
  run: () => Promise.resolve({ measurements: [], failures: [], notes: [] }),
};

function measured(subject: string, samples: number[], pairs = 10): Measurement {
  return { scenario: 'test', subject, metric, samples, parameters: { pairs } };
}

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
    const text = renderOutcome(scenario, { measurements: [measured('epoll', [1])], failures: [], notes: [] }, 80);
    expect(text).toMatch(/^test\nWhat a test measures\.\n\nserver CPU per message \(lower is better\)\n\nsubject/);
  });

  it('draws a chart where a parameter varies', () => {
    const measurements = [measured('epoll', [1], 10), measured('epoll', [2], 100)];
    expect(renderOutcome(scenario, { measurements, failures: [], notes: [] }, 80)).toContain('e epoll');
  });

  it('draws none where nothing varies', () => {
    const text = renderOutcome(scenario, { measurements: [measured('epoll', [1])], failures: [], notes: [] }, 80);
    expect(text).not.toContain('e epoll');
  });

  it('says so when the rounds are too noisy', () => {
    const calm = { measurements: [measured('epoll', [1, 1.1, 1.2])], failures: [], notes: [] };
    const noisy = { measurements: [measured('epoll', [1, 1.1, 1.6])], failures: [], notes: [] };
    expect(renderOutcome(scenario, calm, 80)).not.toContain('Noisy');
    expect(renderOutcome(scenario, noisy, 80)).toContain('Noisy');
  });

  it('ends with the notes', () => {
    const outcome = { measurements: [measured('epoll', [1])], failures: [], notes: ['select stops'] };
    expect(renderOutcome(scenario, outcome, 80)).toMatch(/\n- select stops\n$/);
  });
});
