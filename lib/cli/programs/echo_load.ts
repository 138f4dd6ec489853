// The load of the scenarios about servers, a process of its own: `echo_load.js`. Descriptor 3 is the control socket: what
// it asks for is one JSON object a line (see LoadRequest), and its end is ours.
import { writeFileSync } from 'node:fs';
import { FdError } from '../../index.ts';
import { messageOf } from '../command.ts';
import { Control } from '../control.ts';
import { ControlEnded } from '../load/clients.ts';
import { Load, type LoadRequest } from '../load/load.ts';

// The kernel lets a sleep end 50 µs late, which would be in every latency (PR_SET_TIMERSLACK of prctl(2); Linux only).
try {
  writeFileSync('/proc/self/timerslack_ns', '1');
} catch {}

const control = new Control();
const load = new Load(control.socket);
control.tell({});
try {
  for (let request = control.next<LoadRequest>(); request; request = control.next<LoadRequest>()) {
    try {
      control.tell(load.answer(request));
    } catch (error) {
      if (error instanceof ControlEnded) break;
      control.tell({ error: messageOf(error), ...(error instanceof FdError && { code: error.code }) });
    }
  }
} finally {
  load.close();
}
