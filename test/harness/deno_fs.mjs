// node:fs as the suite uses it under Deno (deno_imports.json puts it there). Deno's own refuses the number of every
// descriptor that it did not open itself, with EBADF; what the tests do with pipes and sockets goes to the addon then.

import * as fs from 'node:fs';
import { createRequire } from 'node:module';

export * from 'node:fs';
export { default } from 'node:fs';

const addon = createRequire(import.meta.url)('../../build/Release/fdpoll.node');

/** As Deno does it, else as the addon does it, whose negative answers are errors. */
const orByAddon = (own, other) => {
  try {
    return own();
  } catch (error) {
    if (error.code !== 'EBADF') throw error;
    const answer = other();
    if (answer === -1) throw Object.assign(new Error('EAGAIN: resource temporarily unavailable'), { code: 'EAGAIN' });
    if (answer < 0) throw error;
    return answer;
  }
};

// What Deno opened it wants to close itself: its table would close the number again, whosever it is by then. So nothing
// of Deno's leaves this file.
const withOwn = (path, flags, mode, use) => {
  const own = fs.openSync(path, flags, mode);
  try {
    return use(own);
  } finally {
    fs.closeSync(own);
  }
};

export const openSync = (path, flags, mode) => withOwn(path, flags, mode, (own) => addon.dup(own));

export const closeSync = (fd) =>
  orByAddon(
    () => fs.closeSync(fd),
    () => addon.close(fd),
  );

export const readSync = (fd, buffer, offset = 0, length = buffer.byteLength - offset, position = null) =>
  orByAddon(
    () => fs.readSync(fd, buffer, offset, length, position),
    () =>
      position === null
        ? addon.read(fd, buffer, offset, length)
        : withOwn(`/proc/self/fd/${fd}`, 'r', 0, (own) => fs.readSync(own, buffer, offset, length, position)),
  );

export const readFileSync = (path, options) => {
  if (typeof path !== 'number') return fs.readFileSync(path, options);
  const chunks = [];
  const chunk = Buffer.alloc(65536);
  for (let n = readSync(path, chunk); n > 0; n = readSync(path, chunk)) chunks.push(Buffer.from(chunk.subarray(0, n)));
  const encoding = typeof options === 'string' ? options : options?.encoding;
  return encoding ? Buffer.concat(chunks).toString(encoding) : Buffer.concat(chunks);
};

export const writeSync = (fd, data, ...rest) =>
  orByAddon(
    () => fs.writeSync(fd, data, ...rest),
    () => addon.write(fd, Buffer.from(data)),
  );

export const fstatSync = (fd, ...rest) =>
  orByAddon(
    () => fs.fstatSync(fd, ...rest),
    () => fs.statSync(`/proc/self/fd/${fd}`, { throwIfNoEntry: false }) ?? -2,
  );
