import { spawnSync } from 'node:child_process';
import { networkInterfaces } from 'node:os';
import { describe, expect, it } from 'vitest';
import { runFixture, startFixture } from './support/children.ts';
import { checkDescriptorsAfterEachTest } from './support/descriptors.ts';
import {
  ACK,
  ask,
  broadcast,
  DISCOVER,
  dhcpMessage,
  moveClients,
  NAK,
  OFFER,
  REQUEST,
  readDhcp,
  twoLinks,
} from './support/dhcp.ts';
import { asNobody, hasNetworks, ownNetwork } from './support/namespaces.ts';

const example = (name: string): string => `../../examples/${name}`;
const linux = process.platform === 'linux';
const SYSCTL = 'net.ipv4.ping_group_range';

describe('examples/ping.mjs', () => {
  checkDescriptorsAfterEachTest();
  const answer = (host: string, sequence: number): RegExp =>
    new RegExp(`^64 bytes from ${host}: seq=${sequence} ttl=64 time=\\d+\\.\\d{3} ms$`);

  const ping = async (host: string, within: readonly string[]): Promise<string | undefined> => {
    const { code, stdout, stderr } = await runFixture(example('ping.mjs'), [host, '2', '1'], { within });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = stdout.split('\n');
    for (const sequence of [1, 2]) expect(lines[sequence - 1]).toMatch(answer(host, sequence));
    return lines[2];
  };

  it('tells the round-trip time and the TTL, or which setting and which right are missing', async () => {
    if (hasNetworks) {
      const raw = ownNetwork(); // a new one has the range 1 0, which is nobody
      expect(await ping('127.0.0.1', raw)).toBe('2 sent, 2 received by a raw socket');
      const everybody = ownNetwork('echo 0 0 > /proc/sys/net/ipv4/ping_group_range');
      expect(await ping('127.0.0.1', everybody)).toBe('2 sent, 2 received by a dgram socket');
      expect(await ping('::1', raw)).toBe('2 sent, 2 received by a raw socket');
      expect(await ping('::1', everybody)).toBe('2 sent, 2 received by a dgram socket');
    } else {
      const { code, stdout, stderr } = await runFixture(example('ping.mjs'), ['127.0.0.1', '2', '1']);
      if (code === 0) expect(stdout).toMatch(/2 sent, 2 received by a (raw|dgram) socket\n$/);
      else expect(stderr).toContain(SYSCTL);
    }
  });

  it('names the setting to a user without the right', async () => {
    const { code, stdout, stderr } = await runFixture(example('ping.mjs'), ['127.0.0.1', '1'], { within: asNobody });
    // Where everybody may ping, it does.
    if (code === 0) expect(stdout).toMatch(/1 sent, 1 received by a dgram socket\n$/);
    else expect(stderr).toMatch(/^socket E(PERM|ACCES): .*net\.ipv4\.ping_group_range="0 2147483647"\)\n$/);
  });

  it('says what keeps a host from being reached', async () => {
    // In a network without routes; elsewhere TEST-NET-1 has no hosts, and who may not ping is told so.
    const within = hasNetworks ? ownNetwork() : [];
    const { code, stdout, stderr } = await runFixture(example('ping.mjs'), ['192.0.2.1', '2', '1'], { within });
    expect(code).toBe(1);
    if (hasNetworks) expect(stderr).toBe('connect ENETUNREACH: network is unreachable\n');
    else expect(`${stdout}${stderr}`).toMatch(/2 sent, 0 received|UNREACH|ping_group_range/);
  });
});

describe('examples/netlink_dump.mjs', () => {
  checkDescriptorsAfterEachTest();
  it('lists the interfaces and routes of this machine', async () => {
    const { code, stdout, stderr } = await runFixture(example('netlink_dump.mjs'));
    if (!linux) {
      expect(code).toBe(1);
      expect(stderr).toContain('EAFNOSUPPORT');
      return;
    }
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^\d+ lo up mtu \d+ 00:00:00:00:00:00$/m);
    for (const [name, addresses] of Object.entries(networkInterfaces())) {
      const { mac } = addresses?.[0] ?? expect.fail('it has an address');
      const hardware = mac === '00:00:00:00:00:00' ? `( ${mac})?` : ` ${mac}`; // a tunnel has none
      expect(stdout).toMatch(new RegExp(`^\\d+ ${name.split(':')[0]} up mtu \\d+${hardware}$`, 'm'));
    }
  });

  it('says what ip says of networks that it makes', async () => {
    const setup = [...twoLinks, 'ip route add 10.77.0.0/16 via 10.0.2.9 metric 42', 'ip route add default dev server1'];
    if (!hasNetworks) {
      expect(spawnSync('unshare', ['-n', 'true']).status, 'no right to make networks').not.toBe(0);
      return;
    }
    const { code, stdout, stderr } = await runFixture(example('netlink_dump.mjs'), [], {
      within: ownNetwork(...setup),
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = stdout.trimEnd().split('\n');
    for (const name of ['server1', 'client1', 'server2', 'client2'])
      expect(stdout).toMatch(new RegExp(`^\\d+ ${name} up mtu 1500 ([\\da-f]{2}:){5}[\\da-f]{2}$`, 'm'));
    // Of the main table: each address is in the local one as well.
    expect(lines.filter((line) => /^(default|[\d.]+\/\d+) /.test(line)).sort()).toEqual([
      '10.0.1.0/24 dev server1',
      '10.0.2.0/24 dev server2',
      '10.77.0.0/16 via 10.0.2.9 dev server2 metric 42',
      'default dev server1',
    ]);
    expect(stdout).toMatch(/^fe80::\/64 dev client1 metric 256$/m);
  });
});

describe('examples/socketcan.mjs', () => {
  checkDescriptorsAfterEachTest();
  interface Frame {
    id: number;
    extended?: boolean;
    remote?: boolean;
    error?: boolean;
    fd?: boolean;
    flags?: number;
    data?: Uint8Array;
  }
  interface SocketCan {
    encodeFrame(frame: Frame): Buffer;
    decodeFrame(bytes: Buffer): Required<Frame>;
    parseFrame(text: string): Required<Frame>;
    formatFrame(frame: Frame): string;
  }
  const path = new URL('../examples/socketcan.mjs', import.meta.url).href;
  const load = (): Promise<SocketCan> => import(path);
  // As the kernel of a little-endian machine has them.
  const little = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
  const word = (bytes: number[]): number[] => (little ? bytes : bytes.toReversed());

  it('lays frames out as the kernel does, and reads them', async () => {
    const { encodeFrame, decodeFrame, parseFrame, formatFrame } = await load();
    const classic = [...word([0x23, 1, 0, 0]), 4, 0, 0, 0, 0xde, 0xad, 0xbe, 0xef, 0, 0, 0, 0];
    expect([...encodeFrame(parseFrame('123#deadbeef'))]).toEqual(classic);
    const extended = [...word([0x78, 0x56, 0x34, 0x92]), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    expect([...encodeFrame(parseFrame('12345678#'))]).toEqual(extended);
    expect([...encodeFrame({ id: 5, remote: true })].slice(0, 4)).toEqual(word([5, 0, 0, 0x40]));
    const fd = encodeFrame(parseFrame(`00A##1${'11'.repeat(12)}`));
    expect([...fd.subarray(0, 9)]).toEqual([...word([10, 0, 0, 0]), 12, 1, 0, 0, 0x11]);
    expect(fd.length).toBe(72);
    expect(encodeFrame(parseFrame('00A##0')).length).toBe(72);
    for (const text of ['123#deadbeef', '12345678#', '00000001#00', '7ff#', `00a##1${'11'.repeat(64)}`, '00a##0'])
      expect(formatFrame(decodeFrame(encodeFrame(parseFrame(text))))).toBe(text);
    expect(formatFrame(decodeFrame(encodeFrame({ id: 5, remote: true })))).toBe('005#R');
    expect(decodeFrame(Buffer.from([...word([0, 0, 0, 0x20]), 255, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8]))).toEqual({
      ...{ id: 0, extended: false, remote: false, error: true, fd: false, flags: 0 },
      data: Buffer.from([1, 2, 3, 4, 5, 6, 7, 8]), // no more than there is
    });
  });

  it('refuses what no frame can be', async () => {
    const { encodeFrame, parseFrame } = await load();
    for (const frame of [{ id: 0x20000000 }, { id: -1 }, { id: Number.NaN }, { id: 0x800, extended: false }])
      expect(() => encodeFrame(frame), String(frame.id)).toThrow(RangeError);
    for (const length of [9, 13, 65])
      expect(() => encodeFrame({ id: 1, data: new Uint8Array(length) }), String(length)).toThrow(RangeError);
    expect(() => encodeFrame({ id: 1, data: new Uint8Array(12), fd: false })).toThrow(RangeError);
    for (const text of ['', '123', '1#00', '123#0', '123#xx', '1234#00', '123##'])
      expect(() => parseFrame(text), text).toThrow(RangeError);
  });

  it('sends a frame to who listens, or says that this system has no CAN', async () => {
    const [command = '', ...setup] = ownNetwork('ip link add can0 type vcan', 'ip link set can0 up');
    const within = hasNetworks && spawnSync(command, [...setup, 'true']).status === 0 ? [command, ...setup] : [];
    const { code, stdout, stderr } = await runFixture(example('socketcan.mjs'), ['can0', '123#deadbeef'], { within });
    if (within.length > 0) expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: '' });
    else {
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      // Or CAN without an interface of this name.
      expect(stderr).toMatch(/^(socket EAFNOSUPPORT: .*: this system has no CAN \(.*|if_nametoindex ENODEV: .*)\n$/);
    }
  });
});

describe('examples/dhcp_server.mjs', () => {
  checkDescriptorsAfterEachTest();
  const [ALICE, BOB] = ['020000000001', '020000000002'];

  it('gives each client of each link an address, from the server’s own one there', async () => {
    if (!hasNetworks) {
      const start = startFixture(example('dhcp_server.mjs'), [], { within: asNobody });
      const outcome = await start.then(({ firstLine }) => firstLine, String);
      expect(outcome).toMatch(/^serving on port 67$|bind E(ACCES|ADDRINUSE)/);
      return;
    }
    const server = await startFixture(example('dhcp_server.mjs'), [], { within: ownNetwork(...twoLinks) });
    expect(server.firstLine).toBe('serving on port 67');
    const clients = await moveClients(server.process.pid);
    for (const [link, mac, address] of [
      [1, ALICE, '10.0.1.2'],
      [2, BOB, '10.0.2.2'],
      [1, BOB, '10.0.1.3'],
    ] as const) {
      const own = `10.0.${link}.1`;
      const answers = await broadcast(clients, link, [
        dhcpMessage(DISCOVER, mac),
        dhcpMessage(REQUEST, mac, { 50: address, 54: own }),
        dhcpMessage(REQUEST, mac, { 50: '10.9.9.9', 54: own }),
      ]);
      expect(answers.map(({ from }) => from)).toEqual(Array.from({ length: 3 }, () => `${own}:67`));
      expect(answers.map(({ bytes }) => readDhcp(bytes))).toEqual([
        { type: OFFER, address, server: own, xid: 'deadbeef' },
        { type: ACK, address, server: own, xid: 'deadbeef' },
        { type: NAK, address: '0.0.0.0', server: own, xid: 'deadbeef' },
      ]);
    }
    server.process.kill();
    const { stdout, stderr } = await server.ended;
    expect(stderr).toBe('');
    expect(stdout).toContain(`server2 10.0.2.1: 10.0.2.2 leased to ${BOB}\n`);
  });

  it('takes no garbage for a request', async () => {
    const path = new URL('../examples/dhcp_server.mjs', import.meta.url).href;
    const { parse } = (await import(path)) as { parse(packet: Buffer): { type: number; wanted: string } | undefined };
    const good = dhcpMessage(REQUEST, ALICE, { 50: '10.0.0.7' });
    expect(parse(good)).toMatchObject({ type: REQUEST, wanted: '10.0.0.7', client: ALICE, server: undefined });
    for (const length of [0, 1, 239]) expect(parse(good.subarray(0, length)), String(length)).toBeUndefined();
    // Options that go on beyond the end, and none at all.
    for (let length = 240; length < good.length; length++)
      expect(() => parse(good.subarray(0, length)), String(length)).not.toThrow();
    const answer = Buffer.from(good);
    answer[0] = 2;
    expect(parse(answer)).toBeUndefined();
    for (let seed = 1; seed < 50; seed++) {
      const noise = Buffer.from(good);
      for (let at = 240; at < noise.length; at++) noise[at] = (at * seed * 7919) >> 3;
      expect(() => parse(noise), String(seed)).not.toThrow();
    }
  });

  it('answers from the address that was asked', async () => {
    if (!linux) {
      const start = startFixture(example('dhcp_server.mjs'), ['0']);
      expect(await start.then(({ firstLine }) => firstLine, String)).toMatch(/^serving on port|ENOPROTOOPT|IP_PKTINFO/);
      return;
    }
    const server = await startFixture(example('dhcp_server.mjs'), ['0']);
    const port = /^serving on port (\d+)$/.exec(server.firstLine)?.[1];
    for (const host of ['127.0.0.1', '127.0.0.2', '127.0.5.9']) {
      const [answer] = await ask(`${host}:${port}`, [dhcpMessage(DISCOVER, ALICE)]);
      expect(answer?.from).toBe(`${host}:${port}`);
      expect(readDhcp(answer?.bytes ?? Buffer.alloc(0))).toMatchObject({ type: OFFER, server: host });
    }
  });
});
