import { describe, expect, it } from 'vitest';
import { cgroupLimits } from '../../lib/cli/cgroup.ts';
import { fakeFiles } from './fake_files.ts';

const limits = (files: Record<string, string>) => cgroupLimits(fakeFiles(files));

describe('cgroupLimits', () => {
  it('finds nothing where there are no control groups', () => {
    expect(limits({})).toEqual({});
  });

  it('reads version 2', () => {
    expect(
      limits({
        '/proc/self/cgroup': '0::/app\n',
        '/sys/fs/cgroup/app/cpu.max': '150000 100000\n',
        '/sys/fs/cgroup/app/pids.max': '512\n',
        '/sys/fs/cgroup/app/pids.current': '12\n',
        '/sys/fs/cgroup/app/memory.max': '1073741824\n',
      }),
    ).toEqual({ cores: 1.5, pids: { max: 512, current: 12 }, memory: { max: 2 ** 30 } });
  });

  it('leaves out what version 2 calls max', () => {
    expect(
      limits({
        '/proc/self/cgroup': '0::/\n',
        '/sys/fs/cgroup/cpu.max': 'max 100000\n',
        '/sys/fs/cgroup/pids.max': 'max\n',
        '/sys/fs/cgroup/memory.max': 'max\n',
      }),
    ).toEqual({});
  });

  it('takes the least of a group and all above it', () => {
    expect(
      limits({
        '/proc/self/cgroup': '0::/a/b\n',
        '/sys/fs/cgroup/a/cpu.max': '50000 100000',
        '/sys/fs/cgroup/a/b/cpu.max': '200000 100000',
        '/sys/fs/cgroup/a/pids.max': '100',
        '/sys/fs/cgroup/a/pids.current': '60',
        '/sys/fs/cgroup/a/b/pids.max': '1000',
      }),
    ).toEqual({ cores: 0.5, pids: { max: 100, current: 60 } });
  });

  it('reads version 1, whose controllers have a group each', () => {
    expect(
      limits({
        '/proc/self/cgroup': '4:memory:/m\n3:cpu,cpuacct:/c\n2:pids:/\n0::/\n',
        '/sys/fs/cgroup/cpu/c/cpu.cfs_quota_us': '200000\n',
        '/sys/fs/cgroup/cpu/c/cpu.cfs_period_us': '100000\n',
        '/sys/fs/cgroup/pids/pids.max': '64\n',
        '/sys/fs/cgroup/memory/m/memory.limit_in_bytes': '268435456\n',
        '/sys/fs/cgroup/memory/m/memory.usage_in_bytes': '1000\n',
      }),
    ).toEqual({ cores: 2, pids: { max: 64 }, memory: { max: 2 ** 28, current: 1000 } });
  });

  it('knows what version 1 says for unlimited', () => {
    expect(
      limits({
        '/proc/self/cgroup': '4:memory:/\n3:cpu:/\n',
        '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n',
        '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
        '/sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
      }),
    ).toEqual({});
  });

  it('finds the group of a container, which is told as outside of what it sees', () => {
    expect(limits({ '/proc/self/cgroup': '0::/../..\n', '/sys/fs/cgroup/pids.max': '20\n' })).toEqual({
      pids: { max: 20 },
    });
  });

  it('takes no text for a number', () => {
    expect(
      limits({ '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/cpu.max': '\n', '/sys/fs/cgroup/pids.max': 'x' }),
    ).toEqual({});
  });
});
