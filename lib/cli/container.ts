import type { ReadText } from './text_file.ts';

/** gVisor tells every program that it is this build of Linux, whatever the host runs. */
const GVISOR = 'Linux version 4.4.0 #1 SMP Sun Jan 10 15:06:54 PST 2016';

/** Names that others are known by. */
const SYNONYMS: ReadonlyMap<string, string> = new Map([['oci', 'container']]);

/**
 * What kinds of container this process is in, as far as files and variables tell, such as `kubernetes, docker`; undefined
 * where none does. A virtual machine is none.
 */
export function containerOf(
  read: ReadText,
  environment: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const groups = read('/proc/1/cgroup') ?? '';
  const kernel = read('/proc/version') ?? '';
  const names = [
    kubernetes(read, environment, groups) ? 'kubernetes' : undefined,
    read('/.dockerenv') !== undefined || /\/docker[/-]/.test(groups) ? 'docker' : undefined,
    read('/run/.containerenv') !== undefined ? 'podman' : undefined,
    /\/lxc[./]/.test(groups) ? 'lxc' : undefined,
    named(read('/run/systemd/container')),
    named(/(?:^|\0)container=([^\0]+)/.exec(read('/proc/1/environ') ?? '')?.[1]),
    /microsoft/i.test(kernel) ? 'wsl' : undefined,
    kernel.startsWith(GVISOR) ? 'gvisor' : undefined,
  ];
  const found = new Set(names.filter((name) => name !== undefined));
  return found.size === 0 ? undefined : [...found].join(', ');
}

function kubernetes(
  read: ReadText,
  environment: Readonly<Record<string, string | undefined>>,
  groups: string,
): boolean {
  return (
    environment.KUBERNETES_SERVICE_HOST !== undefined ||
    read('/var/run/secrets/kubernetes.io/serviceaccount/namespace') !== undefined ||
    groups.includes('kubepods')
  );
}

function named(text: string | undefined): string | undefined {
  const name = text?.trim();
  return name === undefined || name === '' ? undefined : (SYNONYMS.get(name) ?? name);
}
