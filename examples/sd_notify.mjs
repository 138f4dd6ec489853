// A service that tells systemd how it is: sd_notify(3). In a unit: Type=notify, WatchdogSec=10 and
// ExecStart=/usr/bin/node /path/to/sd_notify.mjs. By hand: node examples/sd_notify.mjs, ended with Ctrl-C.
import { close, pipe, READABLE, Socket, waitFor } from 'fdpoll';

/**
 * Sends lines of NAME=VALUE, with descriptors to keep (FDSTORE=1). False when nobody wants to know: NOTIFY_SOCKET is
 * not set. It throws when the manager does not listen (ECONNREFUSED, ENOENT) or takes nothing for 5 seconds.
 */
export function notify(state, fds = []) {
  const { NOTIFY_SOCKET: path } = process.env;
  if (!path) return false;
  if (!/^[/@]./.test(path)) throw new Error(`NOTIFY_SOCKET=${path} is no path and no abstract name`);
  const socket = new Socket('unix', 'dgram');
  try {
    socket.timeout = 5000;
    // @name is an abstract one, in both spellings. The kernel adds who we are.
    const taken = socket.sendMessage(Buffer.from(state), { address: `unix:${path}`, fds });
    if (taken < 0) throw new Error(`${path} takes nothing`);
    return true;
  } finally {
    socket.close();
  }
}

/**
 * Waits until the manager has read all that was sent: it then closes the descriptor that it gets. What ends right after
 * a message may be gone before the manager has found out who sent it. False when the time is over.
 */
export function barrier(timeout = 5000) {
  const [reader, writer] = pipe();
  try {
    try {
      if (!notify('BARRIER=1', [writer])) return true;
    } finally {
      close(writer); // the manager's is the only one from here on
    }
    return waitFor(reader, READABLE, timeout) > 0; // the end of the pipe
  } finally {
    close(reader);
  }
}

/** Half the time after which the manager gives us up, in milliseconds; undefined when it does not watch us. */
export function watchdogInterval({ WATCHDOG_USEC: time, WATCHDOG_PID: pid } = process.env) {
  return Number(time) > 0 && (!pid || Number(pid) === process.pid) ? Number(time) / 2000 : undefined;
}

function main() {
  const interval = watchdogInterval();
  const beat = () => {
    try {
      if (interval) notify('WATCHDOG=1');
    } catch (error) {
      console.error(error.message); // the work goes on; the next one may come through
    }
  };
  const timer = setInterval(beat, interval ?? 2 ** 30);
  for (const signal of ['SIGTERM', 'SIGINT'])
    process.once(signal, () => {
      clearInterval(timer);
      notify('STOPPING=1\nSTATUS=Closing what is open');
      barrier();
    });
  const told = notify(`READY=1\nSTATUS=Serving\nMAINPID=${process.pid}`);
  console.log(told ? 'ready, and the manager knows' : 'ready; there is no manager');
}

if (process.argv[1] === import.meta.filename) main();
