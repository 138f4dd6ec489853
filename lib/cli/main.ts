#!/usr/bin/env node
import { fileURLToPath } from 'node:url';
import { runArguments } from './arguments.ts';
import { FAILED_STATUS, type Interruption, messageOf } from './command.ts';

/** What a shell reports for a process that a signal ended. */
const STATUS = { SIGHUP: 129, SIGINT: 130, SIGPIPE: 141, SIGTERM: 143 } as const;

const abort = new AbortController();
const interrupt = (interruption: Interruption) => abort.abort(interruption);

for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) {
  // Once: whoever asks a second time does not want to wait for the slice to end.
  process.once(signal, () =>
    interrupt({ status: STATUS[signal], message: 'interrupted; only finished rounds are reported' }),
  );
}
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // Nobody reads on, as with `| head`; that needs no message.
    if (error.code === 'EPIPE') interrupt({ status: STATUS.SIGPIPE, message: '' });
    else interrupt({ status: FAILED_STATUS, message: `cannot write the report: ${error.message}` });
  });
}

try {
  process.exitCode = await runArguments(process.argv.slice(2), {
    stdout: process.stdout,
    stderr: process.stderr,
    program: (name) => fileURLToPath(new URL(`./${name}.js`, import.meta.url)),
    signal: abort.signal,
  });
} catch (error) {
  process.stderr.write(`fdpoll: ${messageOf(error)}\n`);
  process.exitCode = FAILED_STATUS;
}
