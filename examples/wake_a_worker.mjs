// A Waker across threads: node examples/wake_a_worker.mjs
// The Worker sleeps in poller.wait(), where no event loop runs and no message comes by itself: a wake-up makes it look.
import { isMainThread, parentPort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { Poller, Waker } from 'fdpoll';

function main() {
  const worker = new Worker(new URL(import.meta.url));
  worker.once('message', (handle) => {
    const waker = Waker.from(handle); // a plain number, good in every thread of the process
    worker.on('message', (answer) => console.log(answer));
    for (const job of [12, 20, 'stop']) {
      worker.postMessage(job);
      waker.wake(); // after the message, so that whoever is woken finds it
    }
    worker.once('exit', () => console.log(`the waker of a poller that is gone says ${waker.wake()}`));
  });
}

function work() {
  const poller = new Poller();
  parentPort.postMessage(poller.waker.handle);
  for (;;) {
    if (!poller.wait().woken) continue;
    // Several wake-ups become one: take everything that is there.
    for (let job = receiveMessageOnPort(parentPort); job; job = receiveMessageOnPort(parentPort)) {
      if (job.message === 'stop') return poller.close();
      parentPort.postMessage(`the square of ${job.message} is ${job.message ** 2}`);
    }
  }
}

if (isMainThread) main();
else work();
