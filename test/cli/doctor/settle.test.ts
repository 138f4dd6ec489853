import { describe, expect, it } from 'vitest';
import { settle } from '../../../lib/cli/doctor/settle.ts';
import { backends, close, pipe, write } from '../../../lib/index.ts';
import { checkDescriptorsAfterEachTest } from '../../support/descriptors.ts';

const usable = backends().flatMap(({ name, usable }) => (usable ? [name] : []));

describe('settle', () => {
  checkDescriptorsAfterEachTest();

  it.each([undefined, ...usable])('sees what is readable, on %s', (backend) => {
    const [reading, writing] = pipe();
    write(writing, Uint8Array.of(1));
    expect(settle(reading, backend)).toBe(true);
    close(reading);
    close(writing);
  });

  it('throws what registering throws', () => {
    expect(() => settle(2 ** 30)).toThrow('EBADF');
  });
});
