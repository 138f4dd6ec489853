#!/usr/bin/env node
import { fileURLToPath } from 'node:url';
import { parseArguments } from './arguments.ts';
import { compare, type Interruption, scenarios } from './compare.ts';
import { messageOf } from './rounds.ts';

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
    else interrupt({ status: 1, message: `cannot write the report: ${error.message}` });
  });
}

const names = scenarios.map(({ name }) => name);
const parsed = parseArguments(process.argv.slice(2), names, {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
});

if ('status' in parsed) {
  process.exitCode = parsed.status;
} else {
  try {
    process.exitCode = await compare(parsed.compare, {
      stdout: process.stdout,
      stderr: process.stderr,
      serverPath: fileURLToPath(new URL('./echo_server.js', import.meta.url)),
      signal: abort.signal,
    });
  } catch (error) {
    process.stderr.write(`fdpoll: ${messageOf(error)}\n`);
    process.exitCode = 1;
  }
}
