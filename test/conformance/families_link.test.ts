import os from 'node:os';
import { describe, expect, it } from 'vitest';
import {
  constants,
  DatagramBatch,
  type FdError,
  interfaceIndex,
  READABLE,
  Socket,
  type SocketType,
  waitFor,
} from '../../lib/index.ts';
import { datagramSocket, linux } from '../support/datagrams.ts';
import { checkDescriptorsAfterEachTest } from '../support/descriptors.ts';
import { expectFdError, thrownBy } from '../support/expect.ts';
import { addressOf, bytes, closing } from '../support/sockets.ts';

const root = process.getuid?.() === 0;
const PAYLOAD = 28; // behind the headers of IPv4 and UDP

/** What opening such a socket says: nothing, or the code of its error, which comes from socket(2). */
const refusal = (family: string | number, type: SocketType, protocol: string | number = 0): string | undefined => {
  try {
    new Socket(family as number, type, { protocol }).close();
    return undefined;
  } catch (error) {
    expect(error).toMatchObject({ name: 'FdError', syscall: 'socket' });
    return (error as FdError).code;
  }
};

/** A packet socket that hears IPv4 on the loopback interface. */
const packetSocket = (type: 'dgram' | 'raw' = 'dgram'): Socket => {
  const socket = closing(new Socket('packet', type, { protocol: constants.ETH_P_IP ?? 0 }));
  socket.bind('packet:lo:0x0800');
  return socket;
};

const [WORD, HALF] = [0x20, 0x28];

/** Other programs use this interface, too: only packets with this value there are heard, in classic BPF. */
const hearOnly = (socket: Socket, load: number, offset: number, value: number): Socket => {
  const program = [
    [load, 0, 0, offset],
    [0x15, 0, 1, value],
    [0x06, 0, 0, 65535],
    [0x06, 0, 0, 0],
  ] as const;
  const code = Buffer.alloc(8 * program.length);
  for (const [i, [opcode, yes, no, k]] of program.entries()) {
    code[os.endianness() === 'LE' ? 8 * i : 8 * i + 1] = opcode;
    code[8 * i + 2] = yes;
    code[8 * i + 3] = no;
    new Uint32Array(code.buffer, code.byteOffset + 8 * i + 4, 1)[0] = k;
  }
  socket.setOption('SO_ATTACH_FILTER', code);
  while (socket.recv(Buffer.alloc(1)) > 0);
  return socket;
};

const deliver = (text: string): void => {
  const socket = datagramSocket();
  expect(socket.sendTo(bytes(text), addressOf(socket))).toBe(text.length);
};

describe.skipIf(!linux || !root)('a packet socket on the loopback interface (Linux, root)', () => {
  checkDescriptorsAfterEachTest();
  const from = {
    family: 'packet',
    interface: linux ? interfaceIndex('lo') : 0,
    protocol: 0x0800,
    address: new Uint8Array(6),
  };

  it('hears a datagram of this machine, with each call that receives', () => {
    // The length of the whole packet.
    const socket = hearOnly(packetSocket(), HALF, 2, PAYLOAD + 4);
    const buffer = Buffer.alloc(256);
    const text = (): string => buffer.toString('latin1', PAYLOAD, PAYLOAD + 4);
    const hears = (call: () => unknown): unknown => {
      deliver('ping');
      expect(waitFor(socket, READABLE, 2000)).toBe(READABLE);
      buffer.fill(0);
      return call();
    };
    expect(hears(() => socket.recv(buffer))).toBe(PAYLOAD + 4);
    expect(text()).toBe('ping');
    expect(hears(() => socket.recvFrom(buffer))).toEqual({ bytes: PAYLOAD + 4, address: from });
    expect(text()).toBe('ping');
    expect(hears(() => socket.recvMessage(buffer))).toMatchObject({ bytes: PAYLOAD + 4, address: from, fds: [] });
    expect(text()).toBe('ping');
    expect(socket.recvMessage(buffer)).toBeUndefined();
    const batch = new DatagramBatch(4);
    expect(hears(() => socket.recvBatch(batch))).toBe(1);
    expect(batch.slot(0).toString('latin1', PAYLOAD, PAYLOAD + 4)).toBe('ping');
    expect(batch.address(0)).toEqual(from);
    expect(socket.recvBatch(batch)).toBe(-1);
  });

  it('sends what it is given, header and all', () => {
    const sender = packetSocket('raw');
    const hearer = hearOnly(packetSocket(), WORD, 0, 0x4f574e21);
    const frame = Buffer.alloc(14 + 4);
    frame.writeUInt16BE(0x0800, 12);
    frame.write('OWN!', 14);
    expect(sender.sendTo(frame, 'packet:lo:0x0800')).toBe(18);
    expect(waitFor(hearer, READABLE, 2000)).toBe(READABLE);
    const buffer = Buffer.alloc(64);
    expect(buffer.toString('latin1', 0, hearer.recv(buffer))).toBe('OWN!');
  });

  it('says which protocol it has, in host order, also when bind chose another', () => {
    const socket = closing(new Socket('packet', 'raw', { protocol: 0x0806 }));
    expect(socket.protocol).toBe(0x0806);
    socket.bind('packet:lo:0x0003');
    expect([socket.family, socket.type, socket.protocol]).toEqual(['packet', 'raw', 3]);
    const read = closing(new Socket('packet', 'raw', { protocol: 0x0806 }));
    expect(read.protocol).toBe(0x0806);
    read.close();
    expect(read.protocol).toBe(0x0806);
  });
});

describe('what needs a family, a privilege or a device', () => {
  checkDescriptorsAfterEachTest();

  it('packet sockets are for root, and for Linux', () => {
    const code = refusal('packet', 'raw', 3);
    expect(code).toBe(linux ? (root ? undefined : 'EPERM') : 'EAFNOSUPPORT');
  });

  it('CAN and Bluetooth are there or EAFNOSUPPORT, and a protocol that has no module EPROTONOSUPPORT', () => {
    for (const [family, type, protocol] of [
      ['can', 'raw', 'can-raw'],
      ['can', 'dgram', 'can-bcm'],
      ['can', 'dgram', 'can-isotp'],
      ['bluetooth', 'raw', 'bluetooth-hci'],
      ['bluetooth', 'seqpacket', 'bluetooth-l2cap'],
    ] as const) {
      const code = refusal(family, type, protocol);
      expect([undefined, 'EAFNOSUPPORT', 'EPROTONOSUPPORT', 'ESOCKTNOSUPPORT', 'EPERM']).toContain(code);
      // Whatever it is, it is the same by number.
      const number = constants[family === 'can' ? 'AF_CAN' : 'AF_BLUETOOTH'];
      if (number !== undefined) expect(refusal(number, type, protocol)).toBe(code);
    }
  });

  it('a family of any number is the system’s to judge', () => {
    expect(refusal(200, 'stream')).toBe('EAFNOSUPPORT');
    expect(thrownBy(() => new Socket(2 ** 31, 'stream'))).toBeInstanceOf(RangeError);
  });

  it.skipIf(!linux)('AF_ALG goes by number and bytes, where the kernel has it (Linux)', () => {
    const name = Buffer.alloc(88);
    name.writeUInt16LE(38, 0);
    name.write('hash', 2);
    name.write('sha256', 24);
    if (refusal(38, 'seqpacket') !== undefined) {
      expect(refusal(38, 'seqpacket')).toBe('EAFNOSUPPORT');
      return;
    }
    const algorithm = closing(new Socket(38, 'seqpacket'));
    algorithm.bind({ family: 38, bytes: name });
    const operation = closing(algorithm.accept() ?? expect.fail('accept makes an operation'));
    operation.send(bytes('abc'));
    const digest = Buffer.alloc(32);
    expect(operation.recv(digest)).toBe(32);
    expect(digest.toString('hex')).toMatch(/^ba7816bf/);
  });

  it.skipIf(!linux)('a vsock address that is not here is named in the error (Linux)', () => {
    const code = refusal('vsock', 'stream');
    if (code !== undefined) {
      expect(code).toBe('EAFNOSUPPORT');
      return;
    }
    const error = expectFdError(() => Socket.listen('vsock:77:4294967295'), 'EADDRNOTAVAIL', 'bind');
    expect(error.address).toBe('vsock:77:4294967295');
    const listener = closing(Socket.listen('vsock:4294967295:4294967295'));
    expect(listener.localAddress).toMatchObject({ family: 'vsock', cid: constants.VMADDR_CID_ANY });
    expect(listener.listening).toBe(true);
  });
});

describe.skipIf(!linux)('a netlink socket (Linux)', () => {
  checkDescriptorsAfterEachTest();

  it('joins the multicast group of kernel events', () => {
    const socket = closing(new Socket('netlink', 'raw', { protocol: 'netlink-uevent' }));
    socket.bind('netlink:0:1');
    expect(socket.localAddress).toMatchObject({ family: 'netlink', groups: 1 });
    expect([socket.protocol, socket.recv(Buffer.alloc(64))]).toEqual([constants.NETLINK_KOBJECT_UEVENT, -1]);
  });

  it('asks the kernel for its interfaces, and gets them from process 0', () => {
    const socket = closing(new Socket('netlink', 'raw', { protocol: 'netlink-route' }));
    socket.timeout = 2000;
    const request = Buffer.alloc(17);
    request.writeUInt32LE(17, 0);
    request.writeUInt16LE(constants.RTM_GETLINK ?? 18, 4);
    request.writeUInt16LE(0x301, 6); // NLM_F_REQUEST | NLM_F_DUMP
    request.writeUInt32LE(7, 8);
    expect(socket.sendMessage(request, { address: 'netlink:0:0' })).toBe(17);
    const buffer = Buffer.alloc(32768);
    const message = socket.recvMessage(buffer) ?? expect.fail('the kernel answers');
    expect(message.address).toEqual({ family: 'netlink', pid: 0, groups: 0 });
    expect([buffer.readUInt16LE(4), buffer.readUInt32LE(8)]).toEqual([16, 7]);
    expect(message.bytes).toBeGreaterThan(32);
  });
});
