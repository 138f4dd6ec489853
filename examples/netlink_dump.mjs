// The interfaces and routes of this machine, as the kernel tells them: node examples/netlink_dump.mjs
// Linux, no privileges. The layouts are those of netlink(7) and rtnetlink(7), in the machine's own order.
import { endianness } from 'node:os';
import { getSystemErrorName } from 'node:util';
import { constants, Socket } from 'fdpoll';

const LITTLE = endianness() === 'LE';
const { RTM_GETLINK, RTM_GETROUTE, NLM_F_REQUEST, NLM_F_DUMP, NLM_F_DUMP_INTR, NLMSG_ERROR, NLMSG_DONE } = constants;
const HEADER = 16; // struct nlmsghdr: length, type, flags, sequence, port
const RT_TABLE_MAIN = 254;

const aligned = (length) => (length + 3) & ~3;
const viewOf = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** What the kernel answers to RTM_GET*: the bodies of its messages. Undefined when they changed while they came. */
function dumpOnce(socket, type, bodyLength) {
  const request = viewOf(new Uint8Array(HEADER + bodyLength)); // a body of zeros: of all families
  request.setUint32(0, request.byteLength, LITTLE);
  request.setUint16(4, type, LITTLE);
  request.setUint16(6, NLM_F_REQUEST | NLM_F_DUMP, LITTLE);
  socket.send(request);
  const bodies = [];
  for (let consistent = true; ; ) {
    const buffer = Buffer.alloc(65536); // the kernel makes messages of 32 KiB at most
    const length = socket.recv(buffer, 0, buffer.length, constants.MSG_TRUNC);
    if (length < 0 || length > buffer.length) throw new Error(`no answer that can be read: ${length}`);
    const view = viewOf(buffer);
    for (let at = 0, size = 0; at + HEADER <= length; at += aligned(size)) {
      size = view.getUint32(at, LITTLE);
      const kind = view.getUint16(at + 4, LITTLE);
      if (view.getUint16(at + 6, LITTLE) & NLM_F_DUMP_INTR) consistent = false;
      if (kind === NLMSG_ERROR || kind === NLMSG_DONE) {
        const error = view.getInt32(at + HEADER, LITTLE);
        if (error < 0) throw new Error(`the kernel refuses: ${getSystemErrorName(error)}`);
        return consistent ? bodies : undefined;
      }
      bodies.push(buffer.subarray(at + HEADER, at + size));
    }
  }
}

function dump(type, bodyLength) {
  const socket = new Socket('netlink', 'raw', { protocol: 'netlink-route' });
  try {
    socket.timeout = 5000;
    socket.connect({ family: 'netlink', pid: 0, groups: 0 }); // the kernel: nobody else's messages come
    let bodies;
    while (bodies === undefined) bodies = dumpOnce(socket, type, bodyLength);
    return bodies;
  } finally {
    socket.close();
  }
}

/** struct rtattr: the length, the type, the value; by type. */
function attributesOf(bytes) {
  const [attributes, view] = [new Map(), viewOf(bytes)];
  for (let at = 0, size = 0; at + 4 <= bytes.length; at += aligned(size)) {
    size = Math.max(4, view.getUint16(at, LITTLE));
    attributes.set(view.getUint16(at + 2, LITTLE) & 0x3fff, bytes.subarray(at + 4, at + size));
  }
  return attributes;
}

const numberIn = (bytes) => (bytes === undefined ? undefined : viewOf(bytes).getUint32(0, LITTLE));
const textOf = (bytes) => {
  if (bytes.length === 4) return bytes.join('.');
  const words = Array.from({ length: 8 }, (_, i) =>
    viewOf(bytes)
      .getUint16(2 * i)
      .toString(16),
  );
  return new URL(`http://[${words.join(':')}]`).hostname.slice(1, -1); // shortens it
};

/** struct ifinfomsg, and IFLA_*. */
export function links() {
  return dump(RTM_GETLINK, 16).map((body) => {
    const attributes = attributesOf(body.subarray(16));
    return {
      index: viewOf(body).getInt32(4, LITTLE),
      name: attributes.get(3).toString('utf8', 0, attributes.get(3).length - 1),
      up: (viewOf(body).getUint32(8, LITTLE) & constants.IFF_UP) !== 0,
      mtu: numberIn(attributes.get(4)),
      address: attributes
        .get(1)
        ?.toString('hex')
        .replace(/..(?=.)/g, '$&:'),
    };
  });
}

/** struct rtmsg, and RTA_*. Of the main table: the local one has a route for each address. */
export function routes() {
  return dump(RTM_GETROUTE, 12)
    .map((body) => [body, attributesOf(body.subarray(12))])
    .filter(([body, attributes]) => (numberIn(attributes.get(15)) ?? body[4]) === RT_TABLE_MAIN)
    .map(([body, attributes]) => ({
      destination: attributes.has(1) ? `${textOf(attributes.get(1))}/${body[1]}` : 'default',
      gateway: attributes.has(5) ? textOf(attributes.get(5)) : undefined,
      interface: numberIn(attributes.get(4)), // none when there are several: RTA_MULTIPATH
      metric: numberIn(attributes.get(6)),
    }));
}

if (process.argv[1] === import.meta.filename) {
  const names = new Map();
  for (const { index, name, up, mtu, address } of links()) {
    names.set(index, name);
    console.log(`${index} ${name} ${up ? 'up' : 'down'} mtu ${mtu}${address ? ` ${address}` : ''}`);
  }
  for (const { destination, gateway, interface: index, metric } of routes()) {
    const parts = [destination, gateway && `via ${gateway}`, index && `dev ${names.get(index) ?? index}`];
    console.log([...parts, metric && `metric ${metric}`].filter(Boolean).join(' '));
  }
}
