import { readFileSync } from 'node:fs';

/** The text of a file; undefined where there is none that can be read. A test gives its own. */
export type ReadText = (path: string) => string | undefined;

export const readText: ReadText = (path) => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
};
