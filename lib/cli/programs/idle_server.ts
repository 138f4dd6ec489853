// Holds the idle connections of the scenario `idle`, a process of its own: `idle_server.js SUBJECT PATH`, started by
// fork. It listens at a unix path, answers one message with one, and ends when the channel does.
import { readFileSync } from 'node:fs';
import { createServer, type Socket as NetSocket } from 'node:net';
import { type BackendName, Poller, READABLE, Socket } from '../../index.ts';
import { messageOf } from '../command.ts';
import type { Answer, Question } from '../idle_process.ts';

const BACKLOG = 4096;

/** Nobody to tell it to is no error: the channel has ended then, and so do we. */
function tell(answer: Answer): void {
  process.send?.(answer, () => {});
}

function fail(error: unknown): void {
  process.send?.({ error: messageOf(error) } satisfies Answer, () => process.exit(1));
}

/** Calls back with the number of connections that are held, whenever there are more. */
type Serve = (path: string, told: (held: number) => void) => void;

/** As a program with other work has it: hosted by the runtime's own loop, each connection with its label. */
const servePoller =
  (backend: BackendName): Serve =>
  (path, told) => {
    const poller = new Poller<Socket>({ backend });
    const listener = Socket.listen(`unix:${path}`, { backlog: BACKLOG });
    poller.add(listener, READABLE, { data: listener });
    poller.start((events) => {
      for (let i = 0; i < events.length; i++) {
        const socket = events.data(i);
        if (socket !== listener) socket.close();
        else for (let one = socket.accept(); one; one = socket.accept()) poller.add(one, READABLE, { data: one });
      }
      told(poller.size - 1);
    });
    tell({ listening: true });
  };

/** The same the way users of node:net write it. */
const serveNodeNet: Serve = (path, told) => {
  const held = new Set<NetSocket>();
  const server = createServer((socket) => {
    held.add(socket);
    socket.on('data', () => socket.destroy());
    socket.on('error', () => {});
    socket.on('close', () => held.delete(socket));
    told(held.size);
  });
  server.on('error', fail);
  server.listen({ path, backlog: BACKLOG }, () => tell({ listening: true }));
};

/** Linux tells process.memoryUsage() in steps of 32 pages for each processor, which is a lot beside a connection. */
function residentBytes(): number {
  try {
    const [, kilobytes] = /^Rss:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/smaps_rollup', 'utf8')) ?? [];
    if (kilobytes !== undefined) return Number(kilobytes) * 1024;
  } catch {}
  return process.memoryUsage.rss();
}

function memory(): Answer {
  // Two, since what a finalizer lets go is found by the next one.
  for (let i = 0; i < 2; i++) globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return { resident: residentBytes(), heap: heapUsed + external };
}

function main(subject: string, path: string): void {
  let held = 0;
  let wanted = Number.POSITIVE_INFINITY;
  const answerWhenHeld = () => {
    if (held < wanted) return;
    wanted = Number.POSITIVE_INFINITY;
    tell({ held });
  };
  process.on('disconnect', () => process.exit());
  // It may have ended while this program was loaded, and then nobody tells.
  if (!process.connected) process.exit();
  process.on('uncaughtException', fail);
  process.on('message', (question: Question) => {
    if (question === 'memory') tell(memory());
    else if (question === 'switches') tell({ switches: process.resourceUsage().voluntaryContextSwitches });
    else {
      wanted = question.hold;
      answerWhenHeld();
    }
  });
  const serve = subject === 'node:net' ? serveNodeNet : servePoller(subject as BackendName);
  serve(path, (count) => {
    held = count;
    answerWhenHeld();
  });
}

const [subject = '', path = ''] = process.argv.slice(2);
main(subject, path);
