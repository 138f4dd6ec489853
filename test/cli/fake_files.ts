import type { ReadText } from '../../lib/cli/text_file.ts';

/** Files that are there in a test alone. */
export const fakeFiles =
  (files: Readonly<Record<string, string>>): ReadText =>
  (path) =>
    Object.hasOwn(files, path) ? files[path] : undefined;
