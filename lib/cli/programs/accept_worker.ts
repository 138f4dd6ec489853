// A Worker that accepts beside others. For each task it makes a poller and posts the handle of its waker; woken by that, it
// posts what it has done.
import { parentPort } from 'node:worker_threads';
import { dup, Poller, READABLE, Socket } from '../../index.ts';
import type { AcceptReport, AcceptTask } from '../accept_sides.ts';
import { messageOf } from '../command.ts';

function accept({ backend, exclusive, ...where }: AcceptTask, ready: (handle: number) => void): AcceptReport {
  const poller = new Poller({ backend });
  let listener: Socket | undefined;
  try {
    listener =
      'port' in where
        ? Socket.listen(`127.0.0.1:${where.port}`, { reusePort: true })
        : Socket.fromFd(dup(where.listenerFd));
    poller.add(listener, READABLE, { exclusive });
    ready(poller.waker.handle);
    let wakeUps = 0;
    let accepted = 0;
    for (;;) {
      const events = poller.wait();
      if (events.length > 0) {
        wakeUps++;
        const socket = listener.accept();
        if (socket) {
          accepted++;
          socket.close();
        }
      }
      if (events.woken) return { wakeUps, accepted };
    }
  } finally {
    listener?.close();
    poller.close();
  }
}

parentPort?.on('message', (task: AcceptTask) => {
  try {
    parentPort?.postMessage(accept(task, (handle) => parentPort?.postMessage({ handle })));
  } catch (error) {
    parentPort?.postMessage({ error: messageOf(error) });
  }
});
