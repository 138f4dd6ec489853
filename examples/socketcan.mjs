// The frames of a CAN bus: node examples/socketcan.mjs can0 prints all, can0 100:700 those whose identifier & 700 is 100
// (hexadecimal), and can0 123#deadbeef sends one. Linux with CAN. Without hardware: modprobe vcan,
// ip link add vcan0 type vcan, ip link set vcan0 up. The layouts are those of <linux/can.h>.
import { endianness } from 'node:os';
import { interfaceIndex, READABLE, Socket, waitFor } from 'fdpoll';

const LITTLE = endianness() === 'LE'; // a frame has the machine's own order
const [EFF_FLAG, RTR_FLAG, ERR_FLAG] = [0x80000000, 0x40000000, 0x20000000];
const [CAN_BYTES, CAN_FD_BYTES] = [16, 72]; // struct can_frame, struct canfd_frame
const FD_LENGTHS = [12, 16, 20, 24, 32, 48, 64]; // what CAN FD has above 8 bytes

/** The bytes of a frame; with more than 8 bytes of data it is one of CAN FD. */
export function encodeFrame({ id, data = [], extended = id > 0x7ff, remote = false, fd = data.length > 8, flags = 0 }) {
  if (!(id >= 0 && id <= (extended ? 0x1fffffff : 0x7ff))) throw new RangeError(`no frame has the identifier ${id}`);
  if (data.length > 8 && !(fd && FD_LENGTHS.includes(data.length)))
    throw new RangeError(`no frame has ${data.length} bytes of data`);
  const bytes = Buffer.alloc(fd ? CAN_FD_BYTES : CAN_BYTES);
  const word = id + (extended ? EFF_FLAG : 0) + (remote ? RTR_FLAG : 0);
  if (LITTLE) bytes.writeUInt32LE(word);
  else bytes.writeUInt32BE(word);
  bytes[4] = data.length;
  if (fd) bytes[5] = flags; // CANFD_BRS 1, CANFD_ESI 2
  bytes.set(data, 8);
  return bytes;
}

/** The frame in the bytes that a socket gave. How many they are tells CAN from CAN FD. */
export function decodeFrame(bytes) {
  const word = LITTLE ? bytes.readUInt32LE() : bytes.readUInt32BE();
  const [extended, fd] = [word >= EFF_FLAG, bytes.length === CAN_FD_BYTES];
  return {
    id: word & (extended ? 0x1fffffff : 0x7ff),
    extended,
    remote: (word & RTR_FLAG) !== 0,
    error: (word & ERR_FLAG) !== 0, // the controller says it, not the bus: <linux/can/error.h>
    fd,
    flags: fd ? bytes[5] : 0,
    data: Buffer.from(bytes.subarray(8, 8 + Math.min(bytes[4], bytes.length - 8))),
  };
}

/** 123#deadbeef, as can-utils write it; ##1 and two digits more would be CAN FD. */
export function parseFrame(text) {
  const [, id, fd, flags = '0', data] = /^([\da-f]{3}|[\da-f]{8})#(#([\da-f]))?((?:[\da-f]{2})*)$/i.exec(text) ?? [];
  if (id === undefined) throw new RangeError(`${text} is no frame: 123#deadbeef, 12345678#00, 123##1deadbeef`);
  const [number, extended] = [Number.parseInt(id, 16), id.length === 8];
  return {
    id: number,
    extended,
    fd: fd !== undefined,
    flags: Number.parseInt(flags, 16),
    data: Buffer.from(data, 'hex'),
  };
}

export function formatFrame({ id, extended, remote, fd, flags, data }) {
  const number = id.toString(16).padStart(extended ? 8 : 3, '0');
  return `${number}#${fd ? `#${flags.toString(16)}` : ''}${remote ? 'R' : data.toString('hex')}`;
}

function main(name, what = '0:0') {
  const socket = new Socket('can', 'raw', { protocol: 'can-raw' });
  socket.setOption('CAN_RAW_FD_FRAMES', true); // else frames of CAN FD neither come nor go
  const [id, mask] = what.split(':').map((hex) => Number.parseInt(hex, 16));
  socket.setOption('CAN_RAW_FILTER', what.includes('#') ? [] : [{ id, mask }]); // of none, nothing is received
  socket.bind({ family: 'can', interface: interfaceIndex(name) });
  socket.timeout = 1000;
  if (what.includes('#')) {
    // ENOBUFS: the queue of the controller is full. Nobody acknowledges, perhaps.
    if (socket.send(encodeFrame(parseFrame(what))) < 0) throw new Error('the socket takes nothing');
    return socket.close();
  }
  for (const bytes = Buffer.alloc(CAN_FD_BYTES); ; ) {
    waitFor(socket, READABLE);
    const length = socket.recv(bytes); // ENETDOWN: the interface was set down, and may come back
    if (length > 0) console.log(formatFrame(decodeFrame(bytes.subarray(0, length))));
  }
}

if (process.argv[1] === import.meta.filename) {
  try {
    main(...process.argv.slice(2));
  } catch (error) {
    const hint = error.code === 'EAFNOSUPPORT' ? ': this system has no CAN (Linux: modprobe can-raw)' : '';
    console.error(`${error.message}${hint}`);
    process.exitCode = 1;
  }
}
