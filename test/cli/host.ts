import { PassThrough } from 'node:stream';
import type { Host } from '../../lib/cli/command.ts';
import { built } from './dist.ts';

export interface TestHost extends Host {
  /** What was written so far. */
  out(): string;
  err(): string;
}

/** A process that is none: pipes for a command to write to, and the programs of the build. */
export function testHost(more: Partial<Host> = {}): TestHost {
  const [stdout, out] = pipe();
  const [stderr, err] = pipe();
  return {
    stdout,
    stderr,
    program: (name) => built(`cli/${name}.js`),
    signal: new AbortController().signal,
    ...more,
    out,
    err,
  };
}

function pipe(): [stream: NodeJS.WriteStream, text: () => string] {
  const stream = new PassThrough();
  let text = '';
  const read = () => {
    // Newer versions of Node hand out what was written one chunk a call.
    for (let chunk = stream.read(); chunk !== null; chunk = stream.read()) text += chunk;
    return text;
  };
  return [stream as unknown as NodeJS.WriteStream, read];
}
