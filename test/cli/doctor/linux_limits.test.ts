import { describe, expect, it } from 'vitest';
import { linuxLimits } from '../../../lib/cli/doctor/linux_limits.ts';
import { fakeFiles } from '../fake_files.ts';

const limits = (files: Record<string, string>, container?: string) => {
  const entries = Object.entries(files).map(([key, text]) => [`/proc/sys/${key.replaceAll('.', '/')}`, `${text}\n`]);
  return linuxLimits(fakeFiles(Object.fromEntries(entries)), container);
};

describe('linuxLimits', () => {
  it('leaves out what a kernel does not have', () => {
    expect(limits({})).toEqual([]);
  });

  it('is content with what a server has', () => {
    const found = limits({
      'fs.file-max': '9223372036854775807',
      'fs.file-nr': '1234\t0\t9223372036854775807',
      'fs.nr_open': '1048576',
      'fs.epoll.max_user_watches': '5000000',
      'fs.inotify.max_user_watches': '524288',
      'net.core.somaxconn': '4096',
      'net.ipv4.ip_local_port_range': '1024\t65535',
    });
    expect(found.map(({ verdict }) => verdict)).toEqual(Array(6).fill('ok'));
    expect(found.some(({ remedy }) => remedy !== undefined)).toBe(false);
  });

  it.each([
    ['net.core.somaxconn', '128', 'will bite', 'sysctl -w net.core.somaxconn=4096'],
    ['fs.inotify.max_user_watches', '8192', 'low', 'sysctl -w fs.inotify.max_user_watches=524288'],
    ['fs.inotify.max_user_instances', '1', 'will bite', 'sysctl -w fs.inotify.max_user_instances=1024'],
    ['fs.epoll.max_user_watches', '5000', 'will bite', 'sysctl -w fs.epoll.max_user_watches=1000000'],
    ['net.core.rmem_max', '212992', 'low', 'sysctl -w net.core.rmem_max=8388608'],
    ['net.unix.max_dgram_qlen', '10', 'low', 'sysctl -w net.unix.max_dgram_qlen=512'],
    ['kernel.pid_max', '1000', 'will bite', 'sysctl -w kernel.pid_max=4194304'],
    [
      'net.ipv4.ip_local_port_range',
      '60000 60999',
      'will bite',
      'sysctl -w net.ipv4.ip_local_port_range="10000 65535"',
    ],
  ])('%s of %s is called %s', (key, text, verdict, remedy) => {
    const [limit, ...rest] = limits({ [key]: text });
    expect(rest).toEqual([]);
    expect(limit).toMatchObject({ name: key, verdict, remedy });
    expect(limit?.why).not.toBe('');
  });

  it('judges open files of the machine by how many are open', () => {
    const [limit] = limits({ 'fs.file-max': '1000', 'fs.file-nr': '950 0 1000' });
    expect(limit).toMatchObject({ verdict: 'will bite', remedy: 'sysctl -w fs.file-max=4000' });
    expect(limit?.why).toContain('950');
  });

  it('sets by the container engine what a container has for itself, and on the host what it has not', () => {
    const found = limits({ 'net.core.somaxconn': '128', 'net.core.rmem_max': '1000' }, 'docker');
    expect(found.map(({ remedy }) => remedy)).toEqual([
      'docker run --sysctl net.core.somaxconn=4096',
      'sysctl -w net.core.rmem_max=8388608',
    ]);
  });

  it('passes over what is no number, and a range that is none', () => {
    expect(limits({ 'net.core.somaxconn': 'many', 'net.ipv4.ip_local_port_range': '5 1', 'fs.file-max': '' })).toEqual(
      [],
    );
  });
});
