import { availableParallelism, cpus } from 'node:os';
import { describe, expect, it } from 'vitest';
import { countOfList, describeProcessors } from '../../lib/cli/processors.ts';
import { readText } from '../../lib/cli/text_file.ts';
import { fakeFiles } from './fake_files.ts';

describe('describeProcessors', () => {
  it('says what Node says where the system has no such files', () => {
    const { model, ...rest } = describeProcessors(fakeFiles({}));
    expect(model).not.toBe('');
    expect(rest).toEqual({ count: cpus().length, available: availableParallelism() });
  });

  it('takes affinity, quota and SMT from files', () => {
    expect(
      describeProcessors(
        fakeFiles({
          '/proc/self/status': 'Name:\tnode\nCpus_allowed:\tf1\nCpus_allowed_list:\t0,4-7\n',
          '/proc/self/cgroup': '0::/\n',
          '/sys/fs/cgroup/cpu.max': '33333 100000\n',
          '/sys/devices/system/cpu/smt/active': '1\n',
        }),
      ),
    ).toMatchObject({ available: 5, quota: 0.33, smt: true });
  });

  it('knows a machine whose cores run one thread each', () => {
    expect(describeProcessors(fakeFiles({ '/sys/devices/system/cpu/smt/active': '0\n' })).smt).toBe(false);
  });

  it('finds at least one processor here', () => {
    expect(describeProcessors(readText).available).toBeGreaterThan(0);
  });
});

describe('countOfList', () => {
  it.each([
    ['0', 1],
    ['0-3', 4],
    ['0,2,4', 3],
    ['0-1,8-11', 6],
  ])('of %s is %d', (text, count) => {
    expect(countOfList(text)).toBe(count);
  });
});
