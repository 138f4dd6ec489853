// A DHCP server for small networks: node examples/dhcp_server.mjs [port], 67 by default, which needs root.
// On each interface it gives the addresses after its own one, and answers from that: 10.0.0.1 leases 10.0.0.2 and so on.
// IP_PKTINFO (Linux) tells where a request came in, and sends the answer the same way. RFC 2131; leases are not kept.
import { interfaceName, READABLE, Socket, waitFor } from 'fdpoll';

const [REQUEST, REPLY, COOKIE] = [1, 2, 0x63825363];
const [DISCOVER, OFFER, DHCP_REQUEST, ACK, NAK] = [1, 2, 3, 5, 6];
const LEASE_SECONDS = 3600;

const quad = (address) => Buffer.from(address.split('.').map(Number));
const dotted = (bytes) => Buffer.from(bytes).join('.');

/** The fields that matter here, or undefined for what is no request. */
export function parse(packet) {
  if (packet.length < 240 || packet[0] !== REQUEST || packet.readUInt32BE(236) !== COOKIE) return undefined;
  const options = new Map();
  for (let at = 240; at + 1 < packet.length && packet[at] !== 255; at += packet[at] === 0 ? 1 : 2 + packet[at + 1])
    if (packet[at] !== 0) options.set(packet[at], packet.subarray(at + 2, at + 2 + packet[at + 1]));
  return {
    client: packet.toString('hex', 28, 28 + Math.min(packet[2], 16)),
    type: options.get(53)?.[0],
    wanted: dotted(options.get(50) ?? packet.subarray(12, 16)), // or the address that it has, when it renews
    server: options.has(54) ? dotted(options.get(54)) : undefined,
  };
}

/** An answer to a request: what it gives, and who gives it. */
export function reply(request, type, address, server) {
  const packet = Buffer.alloc(300);
  request.copy(packet, 0, 0, 240); // the identifiers, the flags, the client's address, the cookie
  packet[0] = REPLY;
  packet.fill(0, 44, 236);
  packet.set(type === NAK ? [0, 0, 0, 0] : quad(address), 16);
  const options = [53, 1, type, 54, 4, ...quad(server)];
  if (type !== NAK) options.push(51, 4, 0, 0, LEASE_SECONDS >> 8, LEASE_SECONDS & 255, 1, 4, 255, 255, 255, 0);
  packet.set([...options, 255], 240);
  return packet;
}

/** The lease of a client of this server: the one that it has, or the first that is free. */
function leaseFor(leases, server, client) {
  const [first, network] = [Number(server.split('.')[3]), server.replace(/\d+$/, '')];
  for (const [address, owner] of leases) if (owner === client && address.startsWith(network)) return address;
  for (let host = first + 1; host < 255; host++)
    if (!leases.has(`${network}${host}`)) {
      leases.set(`${network}${host}`, client);
      return `${network}${host}`;
    }
  return undefined; // all gone: silence, and another server may have one
}

function answer(socket, leases, message, packet) {
  const server = message.pktinfo.local; // the address that was asked, or that of the interface of a broadcast
  const request = parse(packet);
  if (!request || !server || (request.server && request.server !== server)) return;
  if (![DISCOVER, DHCP_REQUEST].includes(request.type)) return;
  const address = leaseFor(leases, server, request.client);
  if (address === undefined) return;
  const granted = request.wanted === address ? ACK : NAK;
  const type = request.type === DISCOVER ? OFFER : granted;
  // Who has no address yet hears a broadcast only. Others, and relays, are answered where they are.
  const to = message.address.host === '0.0.0.0' ? '255.255.255.255:68' : message.address;
  socket.sendMessage(reply(packet, type, address, server), { address: to, pktinfo: message.pktinfo });
  const what = { [OFFER]: 'offered', [ACK]: 'leased', [NAK]: 'refused' }[type];
  console.log(`${interfaceName(message.pktinfo.interface)} ${server}: ${address} ${what} to ${request.client}`);
}

function serve(port = 67) {
  const socket = new Socket('inet', 'dgram');
  for (const option of ['SO_REUSEADDR', 'SO_BROADCAST', 'IP_PKTINFO']) socket.setOption(option, true);
  socket.bind(`0.0.0.0:${port}`);
  console.log(`serving on port ${socket.localAddress.port}`);
  const [buffer, leases] = [Buffer.alloc(1500), new Map()];
  for (;;) {
    try {
      waitFor(socket, READABLE);
      const message = socket.recvMessage(buffer);
      if (message?.pktinfo && !message.truncated) answer(socket, leases, message, buffer.subarray(0, message.bytes));
    } catch (error) {
      console.error(error.message); // of one client, or of an interface that went down: the others are served on
    }
  }
}

if (process.argv[1] === import.meta.filename) serve(process.argv[2]);
