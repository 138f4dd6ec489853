import { describe, expect, it } from 'vitest';
import type { BackendCheck, Diagnosis, Limit } from '../../../lib/cli/doctor/diagnosis.ts';
import { renderDiagnosis } from '../../../lib/cli/doctor/doctor_report.ts';

const works = { works: true };
const epoll: BackendCheck = {
  ...{ name: 'epoll', compiled: true, usable: true, default: true, lacks: [] },
  ...{ wait: works, loop: works, thread: works },
};
const kqueue: BackendCheck = {
  ...{ name: 'kqueue', compiled: false, usable: false, default: false, lacks: [] },
  ...{ reason: 'not compiled in', over: 'libkqueue' },
};
const ok: Limit = { name: 'fs.nr_open', value: 1_048_576, bounds: 'greatest RLIMIT_NOFILE', why: 'why', verdict: 'ok' };
const bites: Limit = {
  ...{ name: 'net.core.somaxconn', value: 128, bounds: 'connections not accepted', why: 'a burst is dropped' },
  ...{ verdict: 'will bite', remedy: 'sysctl -w net.core.somaxconn=4096' },
};
const healthy: Diagnosis = {
  version: 1,
  healthy: true,
  environment: {
    date: '2026-01-02T03:04:05.678Z',
    fdpoll: '1.2.3',
    runtime: 'Node.js 22.0.0',
    kernel: 'Linux 6.1.0',
    architecture: 'x86_64',
    cpu: { model: 'Some CPU', count: 8, available: 2, quota: 1.5, smt: true },
    container: 'kubernetes, docker',
    backends: [],
  },
  addon: { loads: true },
  seccomp: false,
  backends: [epoll, kqueue],
  descriptors: [],
  limits: [ok],
};
const report = (given: Partial<Diagnosis>, width = 80) => renderDiagnosis({ ...healthy, ...given }, width);

describe('renderDiagnosis', () => {
  it('begins with where it is, container and shares of the processors included', () => {
    const lines = report({}).split('\n');
    expect(lines[0]).toBe('fdpoll       1.2.3');
    expect(lines).toContain('cpu          2 of 8 × Some CPU, at most 1.5 at a time by quota, SMT on');
    expect(lines).toContain('container    kubernetes, docker');
  });

  it('has a row for each backend, and says why one is not there', () => {
    const text = report({});
    expect(text).toMatch(/^epoll \(default\) +yes +works +works +works$/m);
    expect(text).toMatch(/^kqueue +no +– +– +–$/m);
    expect(text).toContain('kqueue: not compiled in\n');
  });

  it('calls a kqueue of Linux what it is', () => {
    const { reason: _, ...there } = { ...kqueue, compiled: true, usable: true, wait: works, thread: works };
    expect(report({ backends: [epoll, there] })).toMatch(/^kqueue over libkqueue +yes +works +– +works$/m);
  });

  it('says once what failed twice, and what to do', () => {
    const fails = { works: false, problem: 'epoll_wait EPERM: a seccomp filter refuses it', remedy: 'allow it' };
    const text = report({ backends: [{ ...epoll, wait: fails, thread: fails }], seccomp: true, healthy: false });
    expect(text.match(/epoll: epoll_wait EPERM: a seccomp filter refuses it\. allow it/g)).toHaveLength(1);
    expect(text).toContain('A seccomp filter is active in this process.');
    expect(text).toContain('No backend works here');
  });

  it('says what a kernel takes from a backend', () => {
    expect(report({ backends: [{ ...epoll, lacks: ['exclusive: EPOLLEXCLUSIVE is of Linux 4.5'] }] })).toContain(
      'epoll: without exclusive: EPOLLEXCLUSIVE is of Linux 4.5',
    );
  });

  it('says of limits that are low what happens, and the command that raises them', () => {
    const lines = report({ limits: [ok, bites] }).split('\n');
    expect(lines).toContain('ok         fs.nr_open          1,048,576  greatest RLIMIT_NOFILE');
    expect(lines).toContain('will bite  net.core.somaxconn        128  connections not accepted');
    expect(lines).toContain('net.core.somaxconn will bite: a burst is dropped.');
    expect(lines).toContain('    sysctl -w net.core.somaxconn=4096');
    expect(lines).toContain('fdpoll works here, until net.core.somaxconn bites.');
    expect(lines.join(' ')).not.toContain('fs.nr_open is low');
  });

  it('says how to keep what sysctl sets only where it is to be used', () => {
    expect(report({ limits: [bites] })).toContain('/etc/sysctl.d');
    expect(report({ limits: [ok] })).not.toContain('/etc/sysctl.d');
  });

  it('says why the addon does not load, and still of limits', () => {
    const addon = { loads: false, problem: 'FDPOLL_ADDON names /nonexistent. Name another, or unset it.' };
    const text = report({ addon, backends: [], healthy: false, limits: [bites] });
    expect(text).toContain('The addon does not load\n\nFDPOLL_ADDON names /nonexistent.');
    expect(text).not.toContain('Backends');
    expect(text).toContain('net.core.somaxconn');
    expect(text.trimEnd().split('\n').at(-1)).toBe('Nothing works before the addon loads.');
  });

  it('tells a default backend that fails beside others that work', () => {
    const fails = { works: false, problem: 'epoll_wait EIO' };
    const poll: BackendCheck = { ...epoll, name: 'poll', default: false };
    expect(report({ backends: [{ ...epoll, wait: fails }, poll], healthy: false })).toContain(
      'The default backend does not work here',
    );
  });

  it('stays within its width', () => {
    for (const width of [60, 80, 120]) {
      const lines = report({ limits: [ok, bites], seccomp: true }, width).split('\n');
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width < 80 ? 80 : width);
    }
  });
});
