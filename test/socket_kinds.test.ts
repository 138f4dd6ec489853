import { describe, expect, it } from 'vitest';
import {
  familyName,
  familyNumber,
  protocolNumber,
  systemNumber,
  systemNumbers,
  typeName,
  typeNumber,
} from '../lib/socket_kinds.ts';
import { expectOutOfRange, expectUnknownValue, expectWrongType } from './support/expect.ts';

describe('the numbers of the system', () => {
  it('are read once', () => {
    expect(systemNumbers()).toBe(systemNumbers());
  });

  it('are all there for each name that the library knows', () => {
    const { families, types, protocols } = systemNumbers();
    for (const words of [families, types, protocols])
      for (const [word, number] of words) expect([word, Number.isInteger(number)]).toEqual([word, true]);
    expect(systemNumber('AF_UNIX')).toBe(1);
    expect(systemNumber('SOL_SOCKET')).toBeGreaterThan(0);
  });
});

describe.each([
  ['family', familyNumber, familyName, ['inet', 'inet6', 'unix']],
  ['type', typeNumber, typeName, ['stream', 'dgram', 'seqpacket', 'raw']],
] as const)('a %s', (name, number, word, words) => {
  it('goes from name to number and back', () => {
    for (const each of words) expect(word(number(each))).toBe(each);
  });

  it('may be a number, which keeps it where it has no name', () => {
    expect(number(12345)).toBe(12345);
    expect(word(12345)).toBe(12345);
    expect(word(number(words[0]))).toBe(words[0]);
    expectOutOfRange(() => number(-1));
    expectOutOfRange(() => number(2 ** 31));
    expectOutOfRange(() => number(Number.NaN));
  });

  it('that is unknown is refused with the names that there are', () => {
    expect(expectUnknownValue(() => number('tcp')).message).toMatch(new RegExp(`^"${name}" .*'${words.join("', '")}'`));
    for (const value of [undefined, null, {}, 1n, ['inet']]) expectWrongType(() => number(value));
  });
});

describe('a protocol', () => {
  it('is 0 when it is left out, a name or a number', () => {
    expect(protocolNumber(undefined, 2)).toBe(0);
    expect(protocolNumber('tcp', 2)).toBe(6);
    expect(protocolNumber('udp', 2)).toBe(17);
    expect(protocolNumber(132, 2)).toBe(132);
  });

  it('that is unknown is refused with the names that there are', () => {
    expect(expectUnknownValue(() => protocolNumber('ipx', 2)).message).toMatch(/"options.protocol" .*'tcp', 'udp'/);
    expectWrongType(() => protocolNumber(null, 2));
  });
});
