// Ping without privileges: node examples/ping.mjs 127.0.0.1 [how many] [milliseconds between them]
// Linux lets the groups in net.ipv4.ping_group_range do so (icmp(7)), macOS everybody. Else it takes CAP_NET_RAW or root.
import { randomBytes } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { READABLE, Socket, waitFor } from 'fdpoll';

const INET = { family: 'inet', protocol: 'icmp', request: 8, reply: 0, ttl: 'IP_RECVTTL' };
const INET6 = { family: 'inet6', protocol: 'icmpv6', request: 128, reply: 129, ttl: 'IPV6_RECVHOPLIMIT' };
const SYSCTL = 'net.ipv4.ping_group_range'; // for IPv6, too

/** A datagram socket where this user may have one for ICMP, else a raw one. */
function open({ family, protocol }) {
  try {
    return new Socket(family, 'dgram', { protocol });
  } catch (error) {
    if (!['EACCES', 'EPERM', 'EPROTONOSUPPORT'].includes(error.code)) throw error;
  }
  try {
    return new Socket(family, 'raw', { protocol });
  } catch (error) {
    if (['EACCES', 'EPERM'].includes(error.code))
      error.message += `: you have no CAP_NET_RAW, and no group in ${SYSCTL} (sysctl -w ${SYSCTL}="0 2147483647")`;
    throw error;
  }
}

/** The sum of RFC 1071. For IPv6, and on datagram sockets, the kernel writes its own. */
export function checksum(bytes) {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += (bytes[at] << 8) | (bytes[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** Type, code, sum, identifier, sequence, and data to know the reply by: a datagram socket has its own identifier. */
export function echoRequest(type, sequence, data) {
  const packet = Buffer.concat([Buffer.from([type, 0, 0, 0]), Buffer.alloc(4), data]);
  packet.writeUInt16BE(process.pid & 0xffff, 4);
  packet.writeUInt16BE(sequence & 0xffff, 6);
  packet.writeUInt16BE(checksum(packet), 2);
  return packet;
}

/** What came back for this request; undefined when nothing did in time. */
function receive(socket, kind, request, deadline) {
  const buffer = Buffer.alloc(65536);
  while (waitFor(socket, READABLE, deadline - performance.now())) {
    const message = socket.recvMessage(buffer); // throws what a router says: EHOSTUNREACH
    const header = buffer[0] >> 4 === 4 ? (buffer[0] & 15) * 4 : 0; // that of IPv4, which raw sockets get as well
    const packet = buffer.subarray(header, message?.bytes ?? 0);
    // A raw socket also gets what others asked for, and our request when it goes to this machine.
    if (packet[0] === kind.reply && packet.subarray(6).equals(request.subarray(6))) return { packet, ttl: message.ttl };
  }
  return undefined;
}

async function main(host, count = 4, interval = 1000) {
  const kind = isIPv6(host) ? INET6 : INET;
  const socket = open(kind);
  socket.setOption(kind.ttl, true);
  socket.connect({ family: kind.family, host, port: 0 }); // so that errors come to us, and nobody else's replies
  const times = [];
  for (let sequence = 1; sequence <= count; sequence++) {
    const request = echoRequest(kind.request, sequence, randomBytes(56));
    const start = performance.now();
    try {
      socket.send(request);
      const answer = receive(socket, kind, request, start + 1000);
      const ms = performance.now() - start;
      if (answer) times.push(ms);
      const { packet, ttl } = answer ?? {};
      console.log(
        answer
          ? `${packet.length} bytes from ${host}: seq=${sequence} ttl=${ttl} time=${ms.toFixed(3)} ms`
          : `no answer: seq=${sequence}`,
      );
    } catch (error) {
      console.log(`${error.message}: seq=${sequence}`); // ENETUNREACH, EHOSTUNREACH: it may change
    }
    if (sequence < count) await pause(interval);
  }
  console.log(`${count} sent, ${times.length} received by a ${socket.type} socket`);
  socket.close();
  if (times.length === 0) process.exitCode = 1;
}

if (process.argv[1] === import.meta.filename) {
  const [host, ...numbers] = process.argv.slice(2);
  await main(host, ...numbers.map(Number)).catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
