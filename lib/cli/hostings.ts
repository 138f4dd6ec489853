import { type BackendName, FdError, type HostingKind, Poller } from '../index.ts';

/** A backend together with what drives its callbacks; without a hosting, it is waited for. */
export interface Driver {
  readonly subject: string;
  readonly backend: BackendName;
  readonly hosting?: HostingKind;
}

/** A backend that is waited for, and hosted in each of those ways that it can be here. */
export function driversOf(backend: BackendName, wanted: readonly HostingKind[]): Driver[] {
  const hosted = wanted
    .filter((hosting) => canBeHosted(backend, hosting))
    .map((hosting) => ({ subject: `${backend}, ${hosting} hosting`, backend, hosting }));
  return [{ subject: backend, backend }, ...hosted];
}

function canBeHosted(backend: BackendName, hosting: HostingKind): boolean {
  try {
    new Poller({ backend, hosting }).close();
    return true;
  } catch (error) {
    // Whatever else is wrong will fail the measurement itself.
    return !(error instanceof FdError && error.code === 'ERR_FDPOLL_BACKEND_UNAVAILABLE');
  }
}
