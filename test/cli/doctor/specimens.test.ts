import { describe, expect, it } from 'vitest';
import { settle } from '../../../lib/cli/doctor/settle.ts';
import { closedWith, portableKinds } from '../../../lib/cli/doctor/specimens.ts';
import { backends, READABLE, WRITABLE, waitFor } from '../../../lib/index.ts';
import { checkDescriptorsAfterEachTest } from '../../support/descriptors.ts';

const named = (name: string) => portableKinds.find((kind) => kind.name === name) ?? expect.fail(name);
const pollable = (name: string) => backends().some((info) => info.name === name && info.capabilities.pollable);
const everywhere = portableKinds
  .map(({ name }) => name)
  .filter((name) => !['tty', 'eventfd', 'epoll set', 'kqueue'].includes(name));

describe('the kinds that every system has', () => {
  checkDescriptorsAfterEachTest();

  it.each(everywhere)('%s: opens, and is readable after its stimulus', async (name) => {
    const kind = named(name);
    const specimen = kind.open();
    expect(specimen.stimulate !== undefined).toBe(kind.stimulus !== undefined);
    if (specimen.stimulate) {
      expect(waitFor(specimen.fd, READABLE, 0)).toBe(0);
      specimen.stimulate();
      expect(settle(specimen.fd)).toBe(true);
    } else {
      expect(waitFor(specimen.fd, WRITABLE, 0)).not.toBe(0);
    }
    await specimen.close();
  });

  it.each([
    'epoll',
    'kqueue',
  ] as const)('a set of %s: is there where it can be watched, else says why not', async (backend) => {
    const kind = named(backend === 'epoll' ? 'epoll set' : 'kqueue');
    if (!pollable(backend)) {
      expect(() => kind.open()).toThrow(`there is no ${backend} here`);
      return;
    }
    const specimen = kind.open();
    specimen.stimulate?.();
    expect(settle(specimen.fd)).toBe(true);
    await specimen.close();
  });
});

describe('closedWith', () => {
  it('closes the owner when opening fails, and not otherwise', () => {
    let closed = 0;
    const owner = { close: () => void closed++ };
    expect(closedWith(owner, () => 7)).toBe(7);
    expect(closed).toBe(0);
    const fail = () => {
      throw new Error('EMFILE');
    };
    expect(() => closedWith(owner, fail)).toThrow('EMFILE');
    expect(closed).toBe(1);
  });
});
