import { describe, expect, it } from 'vitest';
import { bsdLimits, parseSysctl, readSysctl } from '../../../lib/cli/doctor/bsd_limits.ts';

const macos = `kern.maxfiles: 122880
kern.num_files: 4321
kern.maxfilesperproc: 61440
kern.ipc.somaxconn: 128
kern.ipc.maxsockbuf: 8388608
kern.maxproc: 4000
net.inet.ip.portrange.first: 49152
net.inet.ip.portrange.last: 65535
`;

describe('bsdLimits', () => {
  it('reads what macOS says', () => {
    const found = bsdLimits(() => macos);
    expect(found.map(({ name, value, verdict }) => [name, value, verdict])).toEqual([
      ['kern.maxfiles', 122_880, 'ok'],
      ['kern.maxfilesperproc', 61_440, 'ok'],
      ['kern.ipc.somaxconn', 128, 'will bite'],
      ['kern.ipc.maxsockbuf', 8_388_608, 'ok'],
      ['kern.maxproc', 4000, 'ok'],
      ['net.inet.ip.portrange.first', '49152-65535', 'ok'],
    ]);
    expect(found[2]?.remedy).toMatch(/^sysctl (-w )?kern\.ipc\.somaxconn=4096$/);
  });

  it('takes the name that a system has', () => {
    const names = (text: string) => bsdLimits(() => text).map(({ name }) => name);
    expect(names('kern.ipc.soacceptqueue: 128\nkern.ipc.somaxconn: 128\n')).toEqual(['kern.ipc.soacceptqueue']);
    expect(names('kern.somaxconn=128\n')).toEqual(['kern.somaxconn']);
    expect(names('net.inet.ip.anonportmin = 49152\nnet.inet.ip.anonportmax = 65535\n')).toEqual([
      'net.inet.ip.anonportmin',
    ]);
  });

  it('judges open files of the machine by how many are open', () => {
    expect(bsdLimits(() => 'kern.maxfiles: 1000\nkern.openfiles: 990\n')[0]).toMatchObject({ verdict: 'will bite' });
    expect(bsdLimits(() => 'kern.maxfiles: 1000\n')[0]).toMatchObject({ verdict: 'ok' });
  });

  it('asks once, for all names', () => {
    const asked: (readonly string[])[] = [];
    bsdLimits((names) => {
      asked.push(names);
      return '';
    });
    expect(asked).toHaveLength(1);
    expect(asked[0]).toContain('kern.maxfilesperproc');
  });
});

describe('parseSysctl', () => {
  it.each([
    ['kern.maxproc: 4000', 'macOS and FreeBSD'],
    ['kern.maxproc=4000', 'OpenBSD'],
    ['kern.maxproc = 4000', 'NetBSD'],
  ])('reads %s of %s', (text) => {
    expect(parseSysctl(text)).toEqual(new Map([['kern.maxproc', 4000]]));
  });

  it('passes over what is no number, and complaints', () => {
    expect(parseSysctl("sysctl: unknown oid 'kern.x'\nkern.version: FreeBSD 14\n").size).toBe(0);
  });
});

describe('readSysctl', () => {
  it('gives a text, whatever sysctl thinks of the names or if it is not there', () => {
    expect(typeof readSysctl(['kern.nothing.of.this.name'])).toBe('string');
  });
});
