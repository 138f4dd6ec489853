import { constants, version } from '../../index.ts';
import { messageOf } from '../command.ts';
import { backendStates, describeEnvironment } from '../environment.ts';
import type { BackendState } from '../results.ts';
import { type ReadText, readText } from '../text_file.ts';
import { type Prober, probeBackends, realProber } from './backend_probe.ts';
import { probeDescriptors } from './descriptor_probe.ts';
import { type BackendCheck, DIAGNOSIS_VERSION, type Diagnosis } from './diagnosis.ts';
import { findLimits } from './limits.ts';
import { hasSeccompFilter } from './refusal.ts';

/** What an examination asks; a test gives its own. */
export interface Instruments {
  readonly read: ReadText;
  readonly prober: Prober;
  /** Throws what is wrong with the addon, if something is. */
  readonly loadAddon: () => void;
  readonly states: () => readonly BackendState[];
  readonly probeDescriptors: typeof probeDescriptors;
}

export const realInstruments: Instruments = {
  read: readText,
  prober: realProber,
  loadAddon: () => void version.build,
  states: backendStates,
  probeDescriptors,
};

/** Tries everything. It never throws for what it finds: an addon that does not load is a finding, too. */
export async function examine(instruments: Instruments = realInstruments): Promise<Diagnosis> {
  const { read, prober } = instruments;
  const addon = loading(instruments.loadAddon);
  const environment = describeEnvironment(addon.loads ? instruments.states() : []);
  const seccomp = hasSeccompFilter(read('/proc/self/status') ?? '');
  const backends = await probeBackends(environment.backends, { seccomp, container: environment.container }, prober);
  const working = backends.filter(({ wait }) => wait?.works).map(({ name }) => name);
  return {
    version: DIAGNOSIS_VERSION,
    healthy: isHealthy(backends),
    environment,
    addon,
    seccomp,
    backends,
    descriptors: working.length > 0 ? await instruments.probeDescriptors(working) : [],
    limits: findLimits({
      platform: process.platform,
      read,
      setSize: addon.loads ? constants.FD_SETSIZE : undefined,
      environment,
    }),
  };
}

/** `new Poller()` takes the default backend, and hosts it on the loop where it can: both have to work. */
export function isHealthy(backends: readonly BackendCheck[]): boolean {
  const chosen = backends.find((backend) => backend.default);
  return chosen?.wait?.works === true && (chosen.loop ?? chosen.thread)?.works === true;
}

function loading(load: () => void): Diagnosis['addon'] {
  try {
    load();
    return { loads: true };
  } catch (error) {
    return { loads: false, problem: messageOf(error) };
  }
}
