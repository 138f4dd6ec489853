import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { DIAGNOSIS_VERSION, diagnosisSchema } from '../../../lib/cli/doctor/diagnosis.ts';

const smallest = {
  version: DIAGNOSIS_VERSION,
  healthy: false,
  environment: {
    ...{ date: '2026-01-02T03:04:05.678Z', fdpoll: '1.2.3', runtime: 'Node.js 22.0.0', kernel: 'Linux 6.1.0' },
    ...{ architecture: 'x86_64', cpu: { model: 'Some CPU', count: 8, available: 2 }, backends: [] },
  },
  addon: { loads: false, problem: 'no addon' },
  seccomp: false,
  backends: [],
  descriptors: [],
  limits: [],
};

describe('the schema of a diagnosis', () => {
  it('takes one of a machine where nothing works', () => {
    expect(v.parse(diagnosisSchema, smallest)).toEqual(smallest);
  });

  it.each([
    ['another version', { version: 2 }],
    ['no verdict on the whole', { healthy: undefined }],
    [
      'a backend that is none',
      { backends: [{ name: 'iocp', compiled: true, usable: true, default: true, lacks: [] }] },
    ],
    ['a limit of another verdict', { limits: [{ name: 'x', value: 1, bounds: '', why: '', verdict: 'fine' }] }],
    [
      'a flag that is none',
      { descriptors: [{ kind: 'x', cells: [{ backend: 'poll', before: ['open'], after: [] }] }] },
    ],
  ])('refuses %s', (_, given) => {
    expect(v.is(diagnosisSchema, { ...smallest, ...given })).toBe(false);
  });
});
