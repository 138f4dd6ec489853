// The same operations as floor.c, through the package. usage: micro_subject.mjs NAME ITERATIONS; prints nanoseconds
// per operation.
import { Poller, READABLE, Socket } from 'fdpoll';

const [name, count] = [process.argv[2], Number(process.argv[3])];
const READY = 1000;

function wait(iterations) {
  const poller = new Poller({ backend: 'epoll' });
  const [idle] = Socket.pair();
  poller.add(idle, READABLE);
  return () => {
    let sum = 0;
    for (let i = 0; i < iterations; i++) sum += poller.wait(0).length;
    return sum;
  };
}

function register(iterations) {
  const poller = new Poller({ backend: 'epoll' });
  const [socket] = Socket.pair();
  return () => {
    for (let i = 0; i < iterations; i++) {
      poller.add(socket, READABLE);
      poller.delete(socket);
    }
    return poller.size;
  };
}

function ready(iterations) {
  const poller = new Poller({ backend: 'epoll', maxEvents: READY });
  const pairs = Array.from({ length: READY }, () => Socket.pair());
  for (const [reader, writer] of pairs) {
    poller.add(reader, READABLE);
    writer.send(Buffer.from('x'));
  }
  return () => {
    let sum = 0;
    for (let i = 0; i < iterations; i++) {
      const events = poller.wait(0);
      const { fds, flags, length } = events;
      for (let k = 0; k < length; k++) sum += fds[k] + flags[k];
    }
    return sum;
  };
}

const subjects = { wait, register, ready };
const warm = subjects[name](Math.ceil(count / 4));
const run = subjects[name](count);
warm();
const begin = process.hrtime.bigint();
const sum = run();
console.log((Number(process.hrtime.bigint() - begin) / count).toFixed(1), sum);
