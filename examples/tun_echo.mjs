// A network of hosts that are not there: node examples/tun_echo.mjs tun0 10.9.0.1/24, then ping 10.9.0.2
// It makes the interface, gives it its address, and answers each ping to another one of its network.
// It needs Linux and CAP_NET_ADMIN: root, or unshare -rn. The interface lasts as long as the program.
import { closeSync, constants, openSync } from 'node:fs';
import { ioctl, READABLE, read, Socket, waitFor, write } from 'fdpoll';

const TUNSETIFF = 0x400454ca; // <linux/if_tun.h>
const [IFF_TUN, IFF_NO_PI] = [1, 0x1000]; // packets as they are, nothing before them
const [SIOCGIFFLAGS, SIOCSIFFLAGS, SIOCSIFADDR, SIOCSIFNETMASK] = [0x8913, 0x8914, 0x8916, 0x891c]; // netdevice(7)
const [IFF_UP, AF_INET, ICMP, ECHO_REQUEST, ECHO_REPLY] = [1, 2, 1, 8, 0];

/** struct ifreq: a name, and a union that is a number of 16 bits or an address. */
function requestFor(name, number) {
  const request = Buffer.alloc(40);
  request.write(name, 0, 15);
  request.writeUInt16LE(number, 16);
  return request;
}

function requestWithAddress(name, bytes) {
  const request = requestFor(name, AF_INET); // struct sockaddr_in: the family, the port, the address
  request.set(bytes, 20);
  return request;
}

/** The descriptor of a new interface: a packet is one read, or one write. */
export function openTun(name) {
  const fd = openSync('/dev/net/tun', constants.O_RDWR | constants.O_NONBLOCK);
  try {
    ioctl(fd, TUNSETIFF, requestFor(name, IFF_TUN | IFF_NO_PI)); // EBUSY: another program has it
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** ip address add ADDRESS/PREFIX dev NAME; ip link set NAME up */
export function configure(name, address, prefix) {
  const socket = new Socket('inet', 'dgram');
  const mask = Buffer.alloc(4);
  mask.writeInt32BE(prefix === 0 ? 0 : -1 << (32 - prefix));
  try {
    ioctl(socket, SIOCSIFADDR, requestWithAddress(name, address.split('.').map(Number)));
    ioctl(socket, SIOCSIFNETMASK, requestWithAddress(name, mask));
    const flags = requestFor(name, 0);
    ioctl(socket, SIOCGIFFLAGS, flags); // written into flags
    ioctl(socket, SIOCSIFFLAGS, requestFor(name, flags.readUInt16LE(16) | IFF_UP));
  } finally {
    socket.close();
  }
}

/** Makes an echo request its answer, in place; false for any other packet. */
export function answer(packet) {
  const header = (packet[0] & 15) * 4; // version and length in words
  const fragment = packet.length > 7 && packet.readUInt16BE(6) & 0x3fff;
  if (packet[0] >> 4 !== 4 || header < 20 || packet.length < header + 8 || packet[9] !== ICMP || fragment) return false;
  if (packet[header] !== ECHO_REQUEST) return false;
  packet.set([...packet.subarray(16, 20), ...packet.subarray(12, 16)], 12); // from and to; its sum stays what it is
  packet[header] = ECHO_REPLY;
  const sum = packet.readUInt16BE(header + 2) + (ECHO_REQUEST << 8); // RFC 1624
  packet.writeUInt16BE(sum > 0xffff ? sum - 0xffff : sum, header + 2);
  return true;
}

function main(name, network) {
  const [address, prefix] = network.split('/');
  const fd = openTun(name);
  configure(name, address, Number(prefix));
  console.log(`${name} is up: ${network}`);
  const buffer = Buffer.alloc(65536);
  for (;;) {
    waitFor(fd, READABLE);
    const packet = buffer.subarray(0, Math.max(0, read(fd, buffer)));
    if (answer(packet)) write(fd, packet); // -1: no room, so it is lost, as packets are
  }
}

if (process.argv[1] === import.meta.filename) main(...process.argv.slice(2));
