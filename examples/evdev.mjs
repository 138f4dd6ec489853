// What a keyboard, a mouse or a button says: node examples/evdev.mjs /dev/input/event0
// It needs the right to read the device (the group input). The layouts are those of <linux/input.h>.
import { closeSync, constants, openSync } from 'node:fs';
import { ioctl, READABLE, read, waitFor } from 'fdpoll';

const TYPES = new Map([
  [1, 'key'],
  [2, 'relative'],
  [3, 'absolute'],
  [4, 'misc'],
  [5, 'switch'],
  [17, 'led'],
]); // EV_*
const [SYN, SYN_REPORT, SYN_DROPPED] = [0, 0, 3];
// struct input_event starts with a time of two longs.
const LONG = ['arm', 'ia32', 'mips', 'mipsel'].includes(process.arch) ? 4 : 8;
const EVENT_BYTES = 2 * LONG + 8;

const EVIOCGNAME = (length) => 0x80004506 | (length << 16); // _IOC(_IOC_READ, 'E', 0x06, length)

/** What the device calls itself. */
export function deviceName(fd) {
  const name = Buffer.alloc(256);
  const length = ioctl(fd, EVIOCGNAME(name.length), name); // with the NUL
  return name.toString('utf8', 0, Math.max(0, length - 1));
}

/** struct input_event */
export const decodeEvent = (bytes, offset = 0) => ({
  seconds: Number(LONG === 8 ? bytes.readBigInt64LE(offset) : bytes.readUInt32LE(offset)),
  microseconds: Number(LONG === 8 ? bytes.readBigInt64LE(offset + LONG) : bytes.readUInt32LE(offset + LONG)),
  type: bytes.readUInt16LE(offset + 2 * LONG),
  code: bytes.readUInt16LE(offset + 2 * LONG + 2),
  value: bytes.readInt32LE(offset + 2 * LONG + 4),
});

function print({ seconds, microseconds, type, code, value }) {
  const time = `${seconds}.${String(microseconds).padStart(6, '0')}`;
  console.log(`${time} ${TYPES.get(type) ?? `type ${type}`} ${code} ${value}`);
}

/** Until the device is gone. */
function follow(fd) {
  const buffer = Buffer.alloc(64 * EVENT_BYTES);
  for (let dropping = false; ; ) {
    waitFor(fd, READABLE);
    const length = read(fd, buffer); // whole events
    if (length === 0) return;
    for (let at = 0; at + EVENT_BYTES <= length; at += EVENT_BYTES) {
      const event = decodeEvent(buffer, at);
      const report = event.type === SYN && event.code === SYN_REPORT;
      if (event.type === SYN && event.code === SYN_DROPPED) {
        dropping = true; // the kernel had no room: what comes up to the next report is a part of something
        console.log('events were lost');
      } else if (!dropping && !report) print(event);
      if (report) dropping = false;
    }
  }
}

function main(path) {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    console.log(deviceName(fd));
  } catch (error) {
    if (error.code !== 'ENOTTY') throw error;
    console.log(`${path} is no input device (${error.message}): read all the same`); // a recording in a pipe
  }
  try {
    follow(fd);
  } catch (error) {
    if (error.code !== 'ENODEV') throw error; // unplugged
  }
  closeSync(fd);
  console.log('gone');
}

if (process.argv[1] === import.meta.filename) main(process.argv[2]);
