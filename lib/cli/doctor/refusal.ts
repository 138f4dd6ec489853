import { messageOf } from '../command.ts';
import type { Trial } from './diagnosis.ts';

/** What decides where an error comes from. */
export interface Conditions {
  /** Whether a seccomp filter is active. */
  readonly seccomp: boolean;
  /** Such as `docker, kubernetes`; see `containerOf`. */
  readonly container?: string | undefined;
}

const CALLS = 'epoll_create1, epoll_ctl, epoll_wait, epoll_pwait2, eventfd2, ppoll and pselect6';

/** A trial that failed: what the error says, where it comes from, and what to do. */
export function refusal(error: unknown, conditions: Conditions): Trial {
  const { code } = error as { code?: unknown };
  const { cause, remedy } = explain(String(code), conditions);
  // What the library adds in brackets is said of descriptors of the caller's.
  const problem = cause === undefined ? messageOf(error) : `${messageOf(error).replace(/ \(.*\)$/, '')}: ${cause}`;
  return { works: false, problem, ...(remedy !== undefined && { remedy }) };
}

function explain(code: string, { seccomp, container }: Conditions): { cause?: string; remedy?: string } {
  switch (code) {
    case 'EPERM':
    case 'EACCES':
      return seccomp
        ? { cause: 'a seccomp filter refuses it', remedy: profile(container) }
        : { cause: 'a security module or the sandbox of this process refuses it' };
    case 'ENOSYS':
      return seccomp
        ? { cause: 'a seccomp filter refuses it, or the kernel is too old', remedy: profile(container) }
        : { cause: 'this kernel is too old for it, or only emulates Linux', remedy: 'upgrade the kernel' };
    case 'EMFILE':
      return { cause: 'this process has as many descriptors as it may', remedy: 'ulimit -n 65536' };
    case 'ENFILE':
      return { cause: 'the machine has as many open files as it may', remedy: 'sysctl -w fs.file-max=1000000' };
    case 'ENOSPC':
      return { cause: "the user's registrations are used up", remedy: 'sysctl -w fs.epoll.max_user_watches=1000000' };
    case 'EAGAIN':
      return { cause: 'no further thread is allowed', remedy: 'ulimit -u, and pids.max of the control group' };
    default:
      return {};
  }
}

function profile(container: string | undefined): string {
  const engine = /docker|podman/.exec(container ?? '')?.[0];
  return engine === undefined
    ? `allow the process ${CALLS} (systemd: SystemCallFilter=@system-service)`
    : `${engine} run --security-opt seccomp=FILE, where FILE allows ${CALLS}`;
}

/** Whether a seccomp filter is active, by the text of /proc/self/status. */
export function hasSeccompFilter(status: string): boolean {
  return /^Seccomp:\s*[12]$/m.test(status);
}
