import { describe, expect, it } from 'vitest';
import { type Address, type AddressObject, decodeAddress as decode, encodeAddress } from '../lib/address.ts';
import { encoders } from '../lib/address_families.ts';
import { systemNumber } from '../lib/socket_kinds.ts';
import { expectError, expectFdError, expectOutOfRange, expectUnknownValue } from './support/expect.ts';

const linux = process.platform === 'linux';
const PATH_MAX = linux ? 107 : 103;

/** On Linux the call; elsewhere the error of a family that the system lacks. */
const onLinux = (text: string, call: () => void): void => {
  if (linux) call();
  else expectFdError(() => encodeAddress(text), 'EAFNOSUPPORT', 'socket');
};

describe('an inet6 address', () => {
  it('keeps scope and flow', () => {
    const object: AddressObject = { family: 'inet6', host: '::1', port: 1, scopeId: 2 ** 32 - 1, flowInfo: 0xfffff };
    expect(decode(encodeAddress(object))).toEqual(object);
  });

  it('is spelled in its short form once it has been encoded', () => {
    expect(decode(encodeAddress('[0:0:0:0:0:0:0:1]:80'))).toMatchObject({ host: '::1' });
    expect(decode(encodeAddress('[FE80::A]:80'))).toMatchObject({ host: 'fe80::a' });
  });

  it('has no scope that 32 bits do not hold', () => {
    expect(expectOutOfRange(() => encodeAddress(`[fe80::1%${2 ** 32}]:80`)).message).toMatch(/scopeId/);
    expectOutOfRange(() => encodeAddress({ family: 'inet6', host: '::1', port: 1, flowInfo: 2 ** 32 }));
  });
});

describe('a unix path', () => {
  it('may be as long as the system takes, in bytes, and no longer', () => {
    const longest = 'p'.repeat(PATH_MAX);
    expect(decode(encodeAddress(`unix:${longest}`))).toEqual({ family: 'unix', path: longest });
    for (const [path, bytes] of [
      ['p'.repeat(PATH_MAX + 1), PATH_MAX + 1],
      ['é'.repeat(PATH_MAX / 2 + 1), 2 * Math.floor(PATH_MAX / 2 + 1)],
    ] as const) {
      const { message } = expectOutOfRange(() => encodeAddress({ family: 'unix', path }));
      expect(message).toContain(`at most ${PATH_MAX} bytes`);
      expect(message).toContain(`Received ${bytes} bytes`);
    }
  });

  it.skipIf(!linux)('that is abstract may contain NUL and fill the whole field', () => {
    for (const path of ['\0a\0b', '\0', `\0${'n'.repeat(PATH_MAX)}`])
      expect(decode(encodeAddress({ family: 'unix', path }))).toEqual({ family: 'unix', path });
    expectOutOfRange(() => encodeAddress({ family: 'unix', path: `\0${'n'.repeat(PATH_MAX + 1)}` }));
  });

  it('has no NUL inside', () => {
    expect(expectUnknownValue(() => encodeAddress({ family: 'unix', path: '/tmp/a\0b' })).message).toMatch(/NUL/);
  });

  it('that is no UTF-8 comes back as the bytes of its sockaddr', () => {
    const bytes = Uint8Array.from(encodeAddress('unix:/tmp/x'));
    bytes[bytes.lastIndexOf('x'.charCodeAt(0))] = 0xff;
    expect(decode(bytes)).toEqual({ family: systemNumber('AF_UNIX'), bytes });
  });
});

describe('a packet address', () => {
  it('has its protocol in network order, and at least the 20 bytes of a sockaddr_ll', () => {
    onLinux('packet:1:0x0800', () => {
      const bytes = encodeAddress({ family: 'packet', interface: 1, protocol: 0x0806, address: Uint8Array.of(1, 2) });
      expect(bytes.length).toBe(20);
      expect([...bytes.subarray(2, 4)]).toEqual([0x08, 0x06]);
      expect([...bytes.subarray(11, 15)]).toEqual([2, 1, 2, 0]);
    });
  });

  it('has a hardware address of any length that a kernel knows', () => {
    onLinux('packet:1:0x0800', () => {
      for (const length of [0, 1, 6, 8, 9, 20, 32]) {
        const address = Uint8Array.from({ length }, (_, i) => i + 1);
        const object: AddressObject = {
          family: 'packet',
          interface: 3,
          protocol: 3,
          ...(length > 0 ? { address } : {}),
        };
        expect(decode(encodeAddress(object))).toEqual(object);
      }
    });
  });

  it('whose length lies stays bytes', () => {
    onLinux('packet:1:0x0800', () => {
      const bytes = encodeAddress('packet:1:0x0800:01:02').slice();
      for (const length of [9, 33, 255]) {
        bytes[11] = length;
        expect(decode(bytes)).toEqual({ family: systemNumber('AF_PACKET'), bytes });
      }
    });
  });
});

describe('a CAN address', () => {
  it('with more than an interface stays bytes, so that ISO-TP and J1939 lose nothing', () => {
    onLinux('can:1', () => {
      const bytes = encodeAddress('can:1').slice();
      expect(decode(bytes.slice(0, 8))).toEqual({ family: 'can', interface: 1 });
      bytes[8] = 1;
      expect(decode(bytes)).toEqual({ family: systemNumber('AF_CAN'), bytes });
      expect(encodeAddress(decode(bytes))).toEqual(bytes);
    });
  });
});

describe('a vsock address', () => {
  it('may be one of the wildcards', () => {
    const cid = systemNumber('VMADDR_CID_ANY');
    const port = systemNumber('VMADDR_PORT_ANY');
    onLinux('vsock:1:1', () => {
      expect([cid, port]).toEqual([2 ** 32 - 1, 2 ** 32 - 1]);
      expect(decode(encodeAddress({ family: 'vsock', cid, port }))).toEqual({ family: 'vsock', cid, port });
    });
  });
});

describe('the properties of an object', () => {
  const type = 'ERR_INVALID_ARG_TYPE';
  const value = 'ERR_INVALID_ARG_VALUE';
  it.each([
    [{ family: 'inet', host: '::1', port: 80 }, value, /"address\.host" must be an IPv4 address/],
    [{ family: 'inet6', host: '1.2.3.4', port: 80 }, value, /"address\.host" must be an IPv6/],
    [{ family: 'inet6', host: 'fe80::1%nosuchif0', port: 80 }, value, /zone is an interface/],
    [{ family: 'inet', host: '1.2.3.4', port: '80' }, type, /"address\.port" must be a number/],
    [{ family: 'inet', port: 80 }, type, /"address\.host" must be a string/],
    [{ family: 'inet6', port: 80 }, type, /"address\.host" must be a string/],
    [{ family: 'inet6', host: '::1', port: 80, scopeId: '1' }, type, /"address\.scopeId" must be a number/],
    [{ family: 'unix' }, type, /"address\.path" must be a string/],
    [{ family: 'vsock', port: 1 }, type, /"address\.cid" must be a number/],
    [{ family: 'vsock', cid: 1 }, type, /"address\.port" must be a number/],
    [{ family: 'netlink', pid: 1 }, type, /"address\.groups" must be a number/],
    [{ family: 'can', interface: 'can0' }, type, /"address\.interface" must be a number/],
    [{ family: 'packet', protocol: 1 }, type, /"address\.interface" must be a number/],
    [{ family: 'packet', interface: 1 }, type, /"address\.protocol" must be a number/],
    [
      { family: 'packet', interface: 1, protocol: 1, address: '01:02' },
      type,
      /"address\.address" must be a Uint8Array/,
    ],
  ])('%o: the message names the property', (object, code, message) => {
    const error = expectError(() => encodeAddress(object as unknown as Address), TypeError, code);
    expect(error.message).toMatch(message);
  });

  it.each([
    { family: 'inet', host: '1.2.3.4', port: 65536 },
    { family: 'inet6', host: '::1', port: -1 },
    { family: 'vsock', cid: 2 ** 32, port: 1 },
    { family: 'vsock', cid: -1, port: 1 },
    { family: 'vsock', cid: 1, port: Number.NaN },
    { family: 'netlink', pid: 0.5, groups: 0 },
    { family: 'netlink', pid: 0, groups: 2 ** 32 },
    { family: 'can', interface: 2 ** 31 },
    { family: 'can', interface: -1 },
    { family: 'packet', interface: 2 ** 31, protocol: 1 },
    { family: 'packet', interface: 1, protocol: 65536 },
    { family: 'packet', interface: 1, protocol: 1, address: new Uint8Array(33) },
  ])('%o: the number is out of range', (object) => {
    expectOutOfRange(() => encodeAddress(object as AddressObject));
  });
});

describe('the encoders', () => {
  it('are one for each family with an object of its own', () => {
    expect([...encoders.keys()]).toEqual(['inet', 'inet6', 'unix', 'vsock', 'netlink', 'packet', 'can']);
  });
});
