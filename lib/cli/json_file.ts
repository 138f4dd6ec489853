import { closeSync, constants, fstatSync, ftruncateSync, openSync, writeFileSync } from 'node:fs';

/**
 * Where `--json` goes. The file is opened before anything is measured, since a run of minutes whose results cannot be
 * written is lost; what is in it stays until there are results.
 */
export class JsonFile {
  readonly #path: string;
  readonly #fd: number;

  constructor(path: string) {
    this.#path = path;
    this.#fd = this.#attempt(() => openSync(path, constants.O_WRONLY | constants.O_CREAT, 0o666));
  }

  write(value: unknown): void {
    try {
      this.#attempt(() => {
        if (fstatSync(this.#fd).isFile()) ftruncateSync(this.#fd);
        writeFileSync(this.#fd, toJson(value));
      });
    } finally {
      closeSync(this.#fd);
    }
  }

  #attempt<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw new Error(`cannot write ${this.#path}: ${error instanceof Error ? error.message : error}`, {
        cause: error,
      });
    }
  }
}

export function toJson(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
