// The edges of a GPIO line, as they happen: node examples/gpio_events.mjs /dev/gpiochip0 17
// It needs Linux 5.10 (GPIO v2), a chip, and the right to open it. The layouts are those of <linux/gpio.h>.
import { closeSync, constants, openSync } from 'node:fs';
import { close, ioctl, READABLE, read, ready, setNonBlocking } from 'fdpoll';

const GPIO_V2_GET_LINE_IOCTL = 0xc250b407;
const [INPUT, EDGE_RISING, EDGE_FALLING] = [4n, 16n, 32n]; // GPIO_V2_LINE_FLAG_*
const EVENT_BYTES = 48;

/** Asks a chip for a line: a descriptor that tells of both edges, from now on. */
export function openLine(chip, line) {
  const request = Buffer.alloc(592); // struct gpio_v2_line_request
  request.writeUInt32LE(line, 0); // offsets[0]
  request.write('fdpoll', 256); // consumer
  request.writeBigUInt64LE(INPUT | EDGE_RISING | EDGE_FALLING, 288); // config.flags
  request.writeUInt32LE(1, 560); // num_lines
  const device = openSync(chip, constants.O_RDWR);
  try {
    ioctl(device, GPIO_V2_GET_LINE_IOCTL, request);
  } finally {
    closeSync(device); // the line stays ours
  }
  return request.readInt32LE(588);
}

/** struct gpio_v2_line_event */
export const decodeEvent = (bytes, offset = 0) => ({
  ns: bytes.readBigUInt64LE(offset), // CLOCK_MONOTONIC, as process.hrtime.bigint()
  rising: bytes.readUInt32LE(offset + 8) === 1,
  line: bytes.readUInt32LE(offset + 12),
  sequence: bytes.readUInt32LE(offset + 20), // of this line: a gap tells how many the kernel had no room for
});

/** The events of such a descriptor, which it owns. It ends when the descriptor does, or with the loop over it. */
export async function* lineEvents(fd, signal) {
  const buffer = Buffer.alloc(16 * EVENT_BYTES);
  try {
    setNonBlocking(fd, true);
    for (;;) {
      await ready(fd, READABLE, signal ? { signal } : {});
      let length = read(fd, buffer);
      for (; length > 0; length = read(fd, buffer))
        for (let at = 0; at + EVENT_BYTES <= length; at += EVENT_BYTES) yield decodeEvent(buffer, at);
      if (length === 0) return;
    }
  } finally {
    close(fd);
  }
}

async function main([chip, line]) {
  let next;
  for await (const event of lineEvents(openLine(chip, Number(line)))) {
    if (event.sequence > next) console.log(`${event.sequence - next} lost`);
    next = event.sequence + 1;
    console.log(`${event.ns} line ${event.line} ${event.rising ? 'rises' : 'falls'}`);
  }
}

if (process.argv[1] === import.meta.filename)
  main(process.argv.slice(2)).catch((error) => {
    const hint = error.code === 'ENOTTY' ? `: ${process.argv[2]} is no GPIO chip` : '';
    console.error(`${error.message}${hint}`);
    process.exitCode = 1;
  });
