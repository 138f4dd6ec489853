import { describe, expect, it } from 'vitest';
import { containerOf } from '../../lib/cli/container.ts';
import { fakeFiles } from './fake_files.ts';

const found = (files: Record<string, string>, environment = {}) => containerOf(fakeFiles(files), environment);

describe('containerOf', () => {
  it('finds none on a plain machine', () => {
    expect(found({ '/proc/version': 'Linux version 6.1.0', '/proc/1/cgroup': '0::/init.scope\n' })).toBeUndefined();
  });

  it.each([
    ['docker', { '/.dockerenv': '' }],
    ['docker', { '/proc/1/cgroup': '12:pids:/docker/0123456789ab\n' }],
    ['podman', { '/run/.containerenv': 'engine="podman-4.3.1"\n' }],
    ['lxc', { '/proc/1/cgroup': '0::/lxc.payload.web/init.scope\n' }],
    ['lxc', { '/proc/1/environ': 'PATH=/bin\0container=lxc\0HOME=/\0' }],
    ['systemd-nspawn', { '/run/systemd/container': 'systemd-nspawn\n' }],
    ['wsl', { '/proc/version': 'Linux version 5.15.90.1-microsoft-standard-WSL2 (oe-user@oe-host)' }],
    ['gvisor', { '/proc/version': 'Linux version 4.4.0 #1 SMP Sun Jan 10 15:06:54 PST 2016\n' }],
    ['kubernetes', { '/proc/1/cgroup': '0::/kubepods/besteffort/pod1\n' }],
    ['kubernetes', { '/var/run/secrets/kubernetes.io/serviceaccount/namespace': 'default' }],
  ])('knows %s by %j', (name, files) => {
    expect(found(files)).toBe(name);
  });

  it('knows kubernetes by its variables', () => {
    expect(found({}, { KUBERNETES_SERVICE_HOST: '10.0.0.1' })).toBe('kubernetes');
  });

  it('names several that are inside of each other, and each once', () => {
    expect(
      found({ '/.dockerenv': '', '/proc/1/environ': 'container=docker', '/proc/1/cgroup': '0::/kubepods/x' }),
    ).toBe('kubernetes, docker');
  });

  it('is not misled by a variable whose name only ends in container, nor by an empty one', () => {
    expect(found({ '/proc/1/environ': 'my_container=x\0container=\0' })).toBeUndefined();
  });
});
