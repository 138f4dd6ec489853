import { execFileSync } from 'node:child_process';
import { accessSync, closeSync, constants, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runFixture, startFixture } from './support/children.ts';
import { checkDescriptorsAfterEachTest } from './support/descriptors.ts';
import { asNobody, hasNetworks, networkOf, ownNetwork } from './support/namespaces.ts';

const example = (name: string): string => `../../examples/${name}`;

const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'fdpoll-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
};

describe('examples/gpio_events.mjs', () => {
  checkDescriptorsAfterEachTest();
  /** struct gpio_v2_line_event */
  const edge = (ns: bigint, id: number, line: number, sequence: number): string => {
    const bytes = Buffer.alloc(48);
    bytes.writeBigUInt64LE(ns, 0);
    for (const [i, word] of [id, line, sequence + 100, sequence].entries()) bytes.writeUInt32LE(word, 8 + 4 * i);
    return bytes.toString('hex');
  };

  it('says that a file is no chip, in the words of the kernel', async () => {
    const { code, stdout, stderr } = await runFixture(example('gpio_events.mjs'), ['/dev/null', '3']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    if (process.platform !== 'linux') expect(stderr).toMatch(/^ioctl E/);
    else expect(stderr).toBe('ioctl ENOTTY: inappropriate ioctl for the device: /dev/null is no GPIO chip\n');
  });

  it('says that there is no such file', async () => {
    const { code, stderr } = await runFixture(example('gpio_events.mjs'), ['/dev/gpiochip-that-is-not-there', '3']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^ENOENT: no such file or directory, open '.*'\n$/);
  });

  it('reads edges until their descriptor ends, and closes it in the end, after a break and when aborted', async () => {
    const edges = [edge(2n ** 63n, 1, 17, 1), `${edge(5n, 2, 17, 2)}${edge(6n, 1, 17, 3)}`];
    const { code, stdout, stderr } = await runFixture('gpio_pipe.mjs', edges);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.trimEnd().split('\n')).toEqual([
      '{"ns":"9223372036854775808","rising":true,"line":17,"sequence":1}',
      '{"ns":"5","rising":false,"line":17,"sequence":2}',
      '{"ns":"6","rising":true,"line":17,"sequence":3}',
      'left at 1',
      'AbortError',
      '0 descriptors are left',
    ]);
  });
});

describe('examples/evdev.mjs', () => {
  checkDescriptorsAfterEachTest();
  const long = ['arm', 'ia32'].includes(process.arch) ? 4 : 8;

  /** struct input_event, at 12.000345 seconds. */
  const event = (type: number, code: number, value: number): Buffer => {
    const bytes = Buffer.alloc(2 * long + 8);
    bytes.writeUInt32LE(12, 0);
    bytes.writeUInt32LE(345, long);
    bytes.writeUInt16LE(type, 2 * long);
    bytes.writeUInt16LE(code, 2 * long + 2);
    bytes.writeInt32LE(value, 2 * long + 4);
    return bytes;
  };
  const report = event(0, 0, 0);
  const dropped = event(0, 3, 0);

  it('reads what is no device all the same, and leaves out what belongs to events that were lost', async () => {
    const path = join(temporaryFolder(), 'recording');
    execFileSync('mkfifo', [path]);
    const fifo = openSync(path, 'r+'); // both ends: neither waits for the other
    const events = [event(1, 30, 1), report, event(2, 0, -7), dropped, event(1, 31, 1), report, event(99, 4, 5)];
    writeSync(fifo, Buffer.concat(events));
    const child = await startFixture(example('evdev.mjs'), [path]);
    expect(child.firstLine).toMatch(/ is no input device \(ioctl E(NOTTY|INVAL): .*\): read all the same$/);
    closeSync(fifo);
    const { code, stdout, stderr } = await child.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.split('\n').slice(1)).toEqual([
      '12.000345 key 30 1',
      '12.000345 relative 0 -7',
      'events were lost',
      '12.000345 type 99 4 5',
      'gone',
      '',
    ]);
  });

  it('says that there is no such device', async () => {
    const { code, stderr } = await runFixture(example('evdev.mjs'), [join(temporaryFolder(), 'event0')]);
    expect(code).toBe(1);
    expect(stderr).toContain("ENOENT: no such file or directory, open '");
  });
});

describe('examples/tun_echo.mjs', () => {
  checkDescriptorsAfterEachTest();
  const mayMake = (): boolean => {
    try {
      accessSync('/dev/net/tun', constants.R_OK | constants.W_OK);
      return hasNetworks;
    } catch {
      return false;
    }
  };
  const args = ['fdpoll0', '10.9.0.1/24'];

  it('answers pings to addresses of its network that nobody has', async () => {
    if (!mayMake()) {
      const { code, stderr } = await runFixture(example('tun_echo.mjs'), args);
      expect(code).toBe(1);
      expect(stderr).toMatch(/ioctl EPERM: operation not permitted|E(NOENT|ACCES): .*, open '\/dev\/net\/tun'/);
      return;
    }
    const tun = await startFixture(example('tun_echo.mjs'), args, { within: ownNetwork() });
    expect(tun.firstLine).toBe('fdpoll0 is up: 10.9.0.1/24');
    for (const host of ['10.9.0.2', '10.9.0.254']) {
      const within = networkOf(tun.process.pid);
      const { code, stdout, stderr } = await runFixture(example('ping.mjs'), [host, '3', '1'], { within });
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const answers = [1, 2, 3].map((i) => new RegExp(`^64 bytes from ${host}: seq=${i} ttl=64 time=[\\d.]+ ms$`));
      for (const [i, answer] of answers.entries()) expect(stdout.split('\n')[i]).toMatch(answer);
    }
    tun.process.kill();
    expect(await tun.ended).toMatchObject({ signal: 'SIGTERM', stdout: 'fdpoll0 is up: 10.9.0.1/24\n', stderr: '' });
  });

  it('answers whole echo requests of IPv4 and nothing else', async () => {
    const path = new URL('../examples/tun_echo.mjs', import.meta.url).href;
    const { answer } = (await import(path)) as { answer(packet: Buffer): boolean };
    const [from, to] = [
      [10, 9, 0, 1],
      [10, 9, 0, 2],
    ] as const;
    const head = (first: number, fragment: number, protocol: number) => [
      first,
      0,
      0,
      28,
      0,
      0,
      fragment,
      0,
      64,
      protocol,
    ];
    const echo = [8, 0, 0xf9, 0x00, 1, 2, 3, 4];
    const packet = Buffer.from([...head(0x45, 0x40, 1), 0xab, 0xcd, ...from, ...to, ...echo]);
    expect(answer(packet)).toBe(true);
    // The sum grows by 0x800, with the carry added: 0xf900 to 0x10100 to 0x0101.
    const reply = [0, 0, 0x01, 0x01, 1, 2, 3, 4];
    expect([...packet]).toEqual([...head(0x45, 0x40, 1), 0xab, 0xcd, ...to, ...from, ...reply]);
    const wrong: readonly (readonly number[])[] = [
      [],
      [0x45],
      [...head(0x45, 0, 1), 0, 0, ...from, ...to], // no ICMP header
      [...head(0x46, 0, 1), 0, 0, ...from, ...to, ...echo], // options, which leave too little
      [...head(0x44, 0, 1), 0, 0, ...from, ...to, ...echo], // a header that is too short
      [...head(0x65, 0, 1), 0, 0, ...from, ...to, ...echo], // another version
      [...head(0x45, 0x20, 1), 0, 0, ...from, ...to, ...echo], // a fragment
      [...head(0x45, 0, 17), 0, 0, ...from, ...to, ...echo], // UDP
      [...head(0x45, 0, 1), 0, 0, ...from, ...to, ...reply],
    ];
    for (const bytes of wrong) {
      const given = Buffer.from(bytes);
      expect(answer(given), given.toString('hex')).toBe(false);
      expect([...given]).toEqual(bytes);
    }
  });

  it('says what the kernel says to a user without privileges', async () => {
    const { code, stderr } = await runFixture(example('tun_echo.mjs'), args, { within: asNobody });
    expect(code).toBe(1);
    expect(stderr).toMatch(/ioctl EPERM: operation not permitted|E(NOENT|ACCES): .*, open '\/dev\/net\/tun'/);
  });
});
