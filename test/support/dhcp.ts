import { execFileSync, spawn } from 'node:child_process';
import { expect, onTestFinished } from 'vitest';
import { type Ended, runFixture } from './children.ts';
import { networkOf } from './namespaces.ts';

/** The commands that make two links, each with an end for a server, which has 10.0.N.1 there, and one for clients. */
export const twoLinks: readonly string[] = [1, 2].flatMap((n) => [
  `ip link add server${n} type veth peer name client${n}`,
  `ip address add 10.0.${n}.1/24 dev server${n}`,
  `ip link set server${n} up`,
  `ip link set client${n} up`,
]);

/**
 * Moves the clients' ends into a network of their own: a host hears its own broadcasts, too. The process that holds it
 * until the test ends.
 */
export const moveClients = async (server: number | undefined): Promise<number | undefined> => {
  const run = ([command = '', ...args]: readonly string[]) => execFileSync(command, args);
  const [command = '', ...args] = [...networkOf(server), 'unshare', '-n', 'sh', '-c', 'echo there; exec sleep 60'];
  const holder = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const gone = new Promise((resolve) => holder.once('close', resolve));
  onTestFinished(async () => {
    holder.kill();
    await gone;
  });
  await new Promise((resolve) => holder.stdout.once('data', resolve));
  for (const link of ['client1', 'client2']) {
    run([...networkOf(server), 'ip', 'link', 'set', link, 'netns', String(holder.pid)]);
    run([...networkOf(holder.pid), 'ip', 'link', 'set', link, 'up']);
  }
  return holder.pid;
};

export interface Answer {
  readonly from: string;
  readonly bytes: Buffer;
}

const answersIn = ({ code, stdout, stderr }: Ended): Answer[] => {
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { from: string; bytes: string })
    .map(({ from, bytes }) => ({ from, bytes: Buffer.from(bytes, 'hex') }));
};

/** What a client without an address hears after it has broadcast these, on link N in the network of that process. */
export const broadcast = async (
  holder: number | undefined,
  link: number,
  questions: readonly Buffer[],
): Promise<Answer[]> => {
  const args = [`client${link}`, '0.0.0.0:68', '255.255.255.255:67', ...questions.map((each) => each.toString('hex'))];
  return answersIn(await runFixture('datagram_client.mjs', args, { within: networkOf(holder) }));
};

/** What a client of this machine hears that asks an address. */
export const ask = async (
  remote: string,
  questions: readonly Buffer[],
  within: readonly string[] = [],
): Promise<Answer[]> => {
  const args = ['-', '127.0.0.1:0', remote, ...questions.map((each) => each.toString('hex'))];
  return answersIn(await runFixture('datagram_client.mjs', args, { within }));
};

export const DISCOVER = 1;
export const OFFER = 2;
export const REQUEST = 3;
export const ACK = 5;
export const NAK = 6;

/** A message of a client, as RFC 2131 lays it out. */
export const dhcpMessage = (type: number, mac: string, options: Readonly<Record<number, string>> = {}): Buffer => {
  const packet = Buffer.alloc(300);
  packet.set([1, 1, 6, 0, 0xde, 0xad, 0xbe, 0xef]); // a request, Ethernet, six bytes of address, no hops; which one
  packet.write(mac, 28, 'hex');
  packet.writeUInt32BE(0x63825363, 236);
  const more = Object.entries(options).flatMap(([code, address]) => [
    Number(code),
    4,
    ...address.split('.').map(Number),
  ]);
  packet.set([0, 0, 53, 1, type, ...more, 255], 240); // two of padding
  return packet;
};

/** What an answer says. */
export const readDhcp = (
  packet: Buffer,
): { type: number | undefined; address: string; server: string; xid: string } => {
  expect(packet.readUInt32BE(236)).toBe(0x63825363);
  expect(packet[0], 'an answer').toBe(2);
  let [type, server]: [number | undefined, string] = [undefined, ''];
  for (let at = 240; packet[at] !== 255; at += 2 + (packet[at + 1] as number)) {
    if (packet[at] === 53) type = packet[at + 2];
    if (packet[at] === 54) server = packet.subarray(at + 2, at + 6).join('.');
  }
  return { type, address: packet.subarray(16, 20).join('.'), server, xid: packet.toString('hex', 4, 8) };
};
