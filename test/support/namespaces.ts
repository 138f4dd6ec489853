import { spawnSync } from 'node:child_process';

const succeeds = ([command = '', ...args]: readonly string[]): boolean => spawnSync(command, args).status === 0;

const UP = 'ip link set lo up';
const withLoopback = (unshare: readonly string[], setup: string): string[] => [
  ...unshare,
  ...['sh', '-c', `${setup} && exec "$@"`, 'sh'],
];

// As root, else with a user namespace, which some systems allow to everybody and some to nobody.
const unshare = [
  ['unshare', '-n'],
  ['unshare', '-rn'],
].find((command) => succeeds(withLoopback(command, UP).concat('true')));

/** Whether this machine lets us make networks. */
export const hasNetworks: boolean = unshare !== undefined;

/** What runs a command in a network of its own, where lo is up and these commands of the shell were run. */
export const ownNetwork = (...setup: readonly string[]): string[] =>
  withLoopback(unshare ?? [], [UP, ...setup].join(' && '));

/** What runs a command in the network of a process that `ownNetwork` runs. */
export const networkOf = (pid: number | undefined): string[] => {
  const user = unshare?.includes('-rn') ? ['-U', '--preserve-credentials'] : [];
  return ['nsenter', '-t', String(pid), ...user, '-n'];
};

/** What runs a command as nobody, who has no privileges; only root can, and everybody else has none anyway. */
export const asNobody: readonly string[] =
  process.getuid?.() === 0 ? ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'] : [];
