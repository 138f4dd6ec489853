/** What takes this long will not happen any more. */
export const STALLED_MS = 10_000;

export function stalled(what: string): Error {
  return new Error(`${what} for ${STALLED_MS / 1000} s`);
}

/** What a start is given to say that all is done, or what went wrong. */
export interface Ending {
  done(): void;
  fail(error: unknown): void;
}

/** Waits for what goes on in callbacks. Rejects with what `start` throws, and with `what` when nothing ends it. */
export async function untilDone(what: string, start: (ending: Ending) => void): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      timer = setTimeout(() => reject(stalled(what)), STALLED_MS);
      start({ done: resolve, fail: reject });
    });
  } finally {
    clearTimeout(timer);
  }
}
