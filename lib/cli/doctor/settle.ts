import { type BackendName, Poller, READABLE } from '../../index.ts';

/** How long a stimulus may take; a timer or the end of a process does not come at once. */
const PATIENCE_MS = 2000;

/** Blocks until a descriptor is readable, 2 s at the most; whether it is. */
export function settle(fd: number, backend?: BackendName): boolean {
  const poller = new Poller(backend === undefined ? {} : { backend });
  try {
    poller.add(fd, READABLE);
    return poller.wait(PATIENCE_MS).length > 0;
  } finally {
    poller.close();
  }
}
