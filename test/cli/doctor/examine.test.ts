import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { type BackendCheck, diagnosisSchema } from '../../../lib/cli/doctor/diagnosis.ts';
import { examine, type Instruments, isHealthy, realInstruments } from '../../../lib/cli/doctor/examine.ts';
import type { BackendState } from '../../../lib/cli/results.ts';
import { FdError } from '../../../lib/index.ts';
import { checkDescriptorsAfterEachTest } from '../../support/descriptors.ts';
import { fakeFiles } from '../fake_files.ts';

const epoll: BackendState = { name: 'epoll', compiled: true, usable: true, default: true };
const poll: BackendState = { name: 'poll', compiled: true, usable: true, default: false };
const fake: Instruments = {
  read: fakeFiles({ '/proc/self/status': 'Seccomp:\t2\n' }),
  prober: { wait: () => {}, host: () => Promise.resolve() },
  loadAddon: () => {},
  states: () => [epoll, poll],
  probeDescriptors: (names) =>
    Promise.resolve([{ kind: 'pipe', cells: names.map((backend) => ({ backend, before: [], after: [] })) }]),
};
const fail = () => {
  throw new FdError('EPERM', 'epoll_wait EPERM: operation not permitted');
};

describe('examine', () => {
  checkDescriptorsAfterEachTest();

  it('finds what is here, in the shape that its schema says', async () => {
    const diagnosis = await examine();
    expect(v.parse(diagnosisSchema, JSON.parse(JSON.stringify(diagnosis)))).toEqual(diagnosis);
    expect(diagnosis).toMatchObject({ healthy: true, addon: { loads: true } });
    expect(diagnosis.descriptors.length).toBeGreaterThan(8);
  });

  it('is healthy where everything works', async () => {
    expect(await examine(fake)).toMatchObject({ healthy: true, seccomp: true, addon: { loads: true } });
  });

  it('tries descriptors on backends that work alone', async () => {
    const wait = (name: string) => (name === 'epoll' ? fail() : undefined);
    const diagnosis = await examine({ ...fake, prober: { ...fake.prober, wait } });
    expect(diagnosis.healthy).toBe(false);
    expect(diagnosis.descriptors[0]?.cells.map(({ backend }) => backend)).toEqual(['poll']);
    expect(diagnosis.backends[0]?.wait?.problem).toContain('a seccomp filter refuses it');
  });

  it('tries no descriptor where no backend works', async () => {
    const probeDescriptors = () => expect.fail('tried');
    const diagnosis = await examine({ ...fake, prober: { ...fake.prober, wait: fail }, probeDescriptors });
    expect(diagnosis).toMatchObject({ healthy: false, descriptors: [] });
  });

  it('takes an addon that does not load for a finding', async () => {
    const loadAddon = () => {
      throw new FdError('ERR_FDPOLL_UNSUPPORTED_PLATFORM', 'fdpoll has no addon for linux-riscv64');
    };
    const states = () => expect.fail('asked');
    const diagnosis = await examine({ ...realInstruments, loadAddon, states });
    expect(diagnosis).toMatchObject({
      healthy: false,
      addon: { loads: false, problem: 'fdpoll has no addon for linux-riscv64' },
      backends: [],
      descriptors: [],
    });
    expect(v.is(diagnosisSchema, diagnosis)).toBe(true);
  });
});

describe('isHealthy', () => {
  const works = { works: true };
  const fails = { works: false, problem: 'x' };
  const check = (given: Partial<BackendCheck>): BackendCheck[] => [{ ...epoll, lacks: [], ...given }];

  it.each<[Partial<BackendCheck>, boolean]>([
    [{ wait: works, loop: works, thread: works }, true],
    [{ wait: works, loop: works, thread: fails }, true],
    [{ wait: works, loop: fails, thread: works }, false],
    [{ wait: works, thread: works }, true],
    [{ wait: works, thread: fails }, false],
    [{ wait: fails, loop: works, thread: works }, false],
    [{ usable: false, default: false }, false],
  ])('with %j: %s', (given, expected) => {
    expect(isHealthy(check(given))).toBe(expected);
  });

  it('asks the default backend, not any', () => {
    const other: BackendCheck = { ...poll, lacks: [], wait: works, thread: works };
    expect(isHealthy([...check({ wait: fails }), other])).toBe(false);
    expect(isHealthy([])).toBe(false);
  });
});
