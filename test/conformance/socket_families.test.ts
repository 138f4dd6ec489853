import { describe, expect, it } from 'vitest';
import {
  type Address,
  type AddressObject,
  FdError,
  interfaceIndex,
  READABLE,
  read,
  Socket,
  waitFor,
  write,
} from '../../lib/index.ts';
import { systemNumbers } from '../../lib/socket_kinds.ts';
import { checkDescriptorsAfterEachTest } from '../support/descriptors.ts';
import { thrownBy } from '../support/expect.ts';
import { bytes, closing } from '../support/sockets.ts';

const families = systemNumbers().all;

/** What the call makes, or the code of its error, which has to be one of those that a machine without it gives. */
const orCode = <T>(call: () => T, ...codes: readonly string[]): T | string => {
  let made: T | undefined;
  const run = (): T => {
    made = call();
    return made;
  };
  try {
    return run();
  } catch (error) {
    expect(error).toBeInstanceOf(FdError);
    const { code } = error as FdError;
    expect(codes, String(error)).toContain(code);
    return code;
  }
};

/** A socket of a family that the system or the user may lack: then the code that says so. */
const open = (family: string, type: 'dgram' | 'raw' | 'stream', protocol = 0): Socket | string =>
  orCode(
    () => closing(new Socket(families[family] ?? 255, type, { protocol })),
    'EAFNOSUPPORT',
    'EPERM',
    'EACCES',
    'EPROTONOSUPPORT',
    'ESOCKTNOSUPPORT',
  );

const local = (socket: Socket): AddressObject => socket.localAddress ?? expect.fail('the socket has no address');

describe('a netlink socket', () => {
  checkDescriptorsAfterEachTest();

  it('is bound and connected by addresses, asks the kernel, and gets an answer; or is said to be of no family', () => {
    const socket = open('AF_NETLINK', 'raw');
    if (typeof socket === 'string') {
      expect(process.platform).not.toBe('linux');
      return;
    }
    socket.bind('netlink:0:0');
    const { pid, groups } = local(socket) as { pid: number; groups: number };
    expect(pid).toBeGreaterThan(0);
    expect(groups).toBe(0);
    socket.connect({ family: 'netlink', pid: 0, groups: 0 });
    expect(socket.remoteAddress).toEqual({ family: 'netlink', pid: 0, groups: 0 });
    // RTM_GETLINK of the loopback interface: nlmsghdr and ifinfomsg.
    const request = Buffer.alloc(32);
    request.writeUInt32LE(32, 0);
    request.writeUInt16LE(18, 4);
    request.writeUInt16LE(1, 6);
    request.writeInt32LE(interfaceIndex('lo'), 20);
    expect(write(socket, request)).toBe(32);
    expect(waitFor(socket, READABLE, 2000)).toBe(READABLE);
    const answer = Buffer.alloc(8192);
    expect(read(socket, answer)).toBeGreaterThan(32);
    expect(answer.readUInt16LE(4)).toBe(16); // RTM_NEWLINK
    expect(answer.readInt32LE(20)).toBe(interfaceIndex('lo'));
  });
});

describe('a packet socket', () => {
  checkDescriptorsAfterEachTest();

  it('is bound to an interface, and says so with its hardware address; or says who may not', () => {
    const socket = open('AF_PACKET', 'dgram');
    if (typeof socket === 'string') {
      expect(process.platform !== 'linux' || process.getuid?.() !== 0 || socket === 'EPERM').toBe(true);
      return;
    }
    expect(local(socket)).toEqual({ family: 'packet', interface: 0, protocol: 0 });
    socket.bind('packet:lo:0x0003');
    expect(local(socket)).toEqual({
      family: 'packet',
      interface: interfaceIndex('lo'),
      protocol: 3,
      address: new Uint8Array(6),
    });
  });
});

describe('a CAN socket', () => {
  checkDescriptorsAfterEachTest();

  it('is bound to all interfaces, or to none that is there, or is said to be of no family', () => {
    const socket = open('AF_CAN', 'raw', 1);
    if (typeof socket === 'string') return;
    const error = thrownBy(() => socket.bind({ family: 'can', interface: 2 ** 31 - 1 })) as FdError;
    expect(error).toMatchObject({ code: 'ENODEV', syscall: 'bind', address: 'can:2147483647' });
    socket.bind('can:0');
    expect(local(socket)).toEqual({ family: 'can', interface: 0 });
  });
});

describe('a vsock socket', () => {
  checkDescriptorsAfterEachTest();
  const anywhere: Address = { family: 'vsock', cid: 2 ** 32 - 1, port: 2 ** 32 - 1 };

  it('is bound by the wildcards and gets a port, or is said to be of no family', () => {
    const socket = open('AF_VSOCK', 'stream');
    if (typeof socket === 'string') return;
    socket.bind(anywhere);
    const { family, cid, port } = local(socket) as { family: string; cid: number; port: number };
    expect({ family, cid }).toEqual({ family: 'vsock', cid: 2 ** 32 - 1 });
    expect(port).toBeGreaterThan(1023);
  });

  it('talks to this machine where there is a loopback, or names the address that is not there', () => {
    const address = 'vsock:1:4294967295';
    const listener = orCode(() => closing(Socket.listen(address)), 'EADDRNOTAVAIL', 'EAFNOSUPPORT', 'ENODEV');
    if (typeof listener === 'string') {
      const error = thrownBy(() => Socket.listen(address)) as FdError;
      if (error.syscall === 'bind') expect(error).toMatchObject({ address });
      else expect(error.code).toBe('EAFNOSUPPORT');
      return;
    }
    const client = closing(Socket.connect(local(listener), { timeout: 2000 }));
    expect(waitFor(listener, READABLE, 2000)).toBe(READABLE);
    const server = closing(listener.accept() ?? expect.fail('somebody waits'));
    expect(client.remoteAddress).toEqual(listener.localAddress);
    expect(server.remoteAddress).toMatchObject({ family: 'vsock', cid: 1 });
    expect(client.send(bytes('x'))).toBe(1);
  });
});
