import { describe, expect, it } from 'vitest';
import { findLimits, type LimitSources } from '../../../lib/cli/doctor/limits.ts';
import { readText } from '../../../lib/cli/text_file.ts';
import { fakeFiles } from '../fake_files.ts';

const find = (given: Partial<LimitSources>) =>
  findLimits({ platform: 'linux', read: fakeFiles({}), environment: {}, sysctl: () => '', ...given });

describe('findLimits', () => {
  it('finds nothing where nothing can be read', () => {
    expect(find({})).toEqual([]);
  });

  it.each([
    [{ soft: 256, hard: 'unlimited' }, 'will bite', 'ulimit -n 65536'],
    [{ soft: 1024, hard: 524_288 }, 'will bite', 'ulimit -n 65536'],
    [{ soft: 4096, hard: 4096 }, 'low', expect.stringContaining('LimitNOFILE=65536')],
    [{ soft: 1_048_576, hard: 1_048_576 }, 'ok', undefined],
    [{ soft: 'unlimited', hard: 'unlimited' }, 'ok', undefined],
  ] as const)('judges descriptors of a process: %j', (nofile, verdict, remedy) => {
    const [limit] = find({ environment: { nofile } });
    expect(limit).toMatchObject({ name: 'RLIMIT_NOFILE', value: nofile.soft, verdict });
    expect(limit?.remedy).toEqual(remedy);
  });

  it('raises the limit of a container by its engine', () => {
    const [limit] = find({ environment: { nofile: { soft: 1024, hard: 1024 }, container: 'docker' } });
    expect(limit?.remedy).toBe('docker run --ulimit nofile=65536:65536');
  });

  it('calls the set of select low where there may be greater numbers', () => {
    const size = (soft: number) => find({ setSize: 1024, environment: { nofile: { soft, hard: soft } } })[1]?.verdict;
    expect(size(1024)).toBe('ok');
    expect(size(1025)).toBe('low');
  });

  it('finds what control groups allow', () => {
    const files = {
      '/proc/self/cgroup': '0::/\n',
      '/sys/fs/cgroup/pids.max': '1000\n',
      '/sys/fs/cgroup/pids.current': '990\n',
      '/sys/fs/cgroup/memory.max': '134217728\n',
    };
    expect(find({ read: fakeFiles(files) })).toMatchObject([
      { name: 'cgroup pids.max', verdict: 'will bite', remedy: expect.stringContaining('TasksMax') },
      { name: 'cgroup memory.max', verdict: 'low', remedy: expect.stringContaining('MemoryMax') },
    ]);
    expect(find({ read: fakeFiles(files), environment: { container: 'podman' } }).map(({ remedy }) => remedy)).toEqual([
      'podman run --pids-limit 4096',
      'podman run --memory 1g',
    ]);
  });

  it('asks sysctl on other systems, and no files of Linux', () => {
    const read = fakeFiles({ '/proc/sys/net/core/somaxconn': '128\n' });
    const found = find({ platform: 'freebsd', read, sysctl: () => 'kern.maxproc: 5000\n' });
    expect(found.map(({ name }) => name)).toEqual(['kern.maxproc']);
  });

  it.skipIf(process.platform !== 'linux')('finds something here', () => {
    expect(find({ read: readText }).length).toBeGreaterThan(0);
  });
});
