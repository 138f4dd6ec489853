import { describe, expect, it } from 'vitest';
import { kindsOf, probeDescriptors } from '../../../lib/cli/doctor/descriptor_probe.ts';
import type { Kind } from '../../../lib/cli/doctor/specimens.ts';
import { backends, close, eventfd } from '../../../lib/index.ts';
import { checkDescriptorsAfterEachTest } from '../../support/descriptors.ts';

const usable = backends().flatMap(({ name, usable }) => (usable ? [name] : []));

describe('probeDescriptors', () => {
  checkDescriptorsAfterEachTest();

  it('tries every kind on every backend', async () => {
    const found = await probeDescriptors(usable);
    expect(found.map(({ kind }) => kind)).toEqual(kindsOf(process.platform).map(({ name }) => name));
    const tried = found.filter(({ missing }) => missing === undefined);
    expect(tried.length).toBeGreaterThan(8);
    for (const { cells } of tried) expect(cells.map(({ backend }) => backend)).toEqual(usable);
    const stimulated = tried.filter(({ stimulus }) => stimulus !== undefined).flatMap(({ cells }) => cells);
    for (const { before, after } of stimulated) {
      expect(before).not.toContain('readable');
      expect(after).toContain('readable');
    }
  });

  it('tells files as refused, and what poll(2) says of them', async () => {
    const [file] = await probeDescriptors(
      usable,
      kindsOf(process.platform).filter(({ name }) => name === 'regular file'),
    );
    expect(file?.cells.map(({ refused }) => refused)).toEqual(usable.map(() => 'EPERM'));
    expect(file?.plain).toContain('readable');
  });

  it('says why there was none to try, and goes on', async () => {
    const absent: Kind = {
      name: 'absent',
      open: () => {
        throw new Error('no such thing');
      },
    };
    const [first, second] = await probeDescriptors(usable, [absent, ...kindsOf('openbsd').slice(0, 1)]);
    expect(first).toEqual({ kind: 'absent', missing: 'no such thing', cells: [] });
    expect(second?.missing).toBeUndefined();
  });

  it('closes what it opened when the stimulus fails', async () => {
    const broken: Kind = {
      name: 'broken',
      open: () => {
        const fd = eventfd();
        const stimulate = () => {
          throw new Error('it does not move');
        };
        return { fd, stimulate, close: () => close(fd) };
      },
    };
    expect(await probeDescriptors(usable, [broken])).toMatchObject([{ missing: 'it does not move', cells: [] }]);
  });

  it('does not look for what only Linux has elsewhere', () => {
    expect(kindsOf('darwin').some(({ name }) => name === 'inotify')).toBe(false);
    expect(kindsOf('linux').some(({ name }) => name === 'inotify')).toBe(true);
  });
});
