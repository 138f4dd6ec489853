// What the connections of a soak send: bytes that a seed and the number of the connection give, so that each byte that
// comes back can be checked without keeping what was sent.

/** The longest piece that `at` gives, in bytes. */
export const LONGEST = 65_536;

/** A prime, so that up to so many connections begin at a place of their own: none is mistaken for another. */
const PERIOD = 1_048_573;
const STRIDE = 618_041;

/** Numbers from 0 to 1, the same for the same seed: mulberry32. */
export function randomOf(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export class Pattern {
  #bytes = Buffer.allocUnsafe(PERIOD + LONGEST);

  constructor(seed) {
    const random = randomOf(seed);
    for (let i = 0; i < PERIOD; i++) this.#bytes[i] = random() * 256;
    this.#bytes.copy(this.#bytes, PERIOD, 0, LONGEST);
  }

  /** Bytes `position` and on of this connection, at most LONGEST: a view, not to be written to. */
  at(connection, position, length) {
    const start = (((connection % PERIOD) * STRIDE) % PERIOD) + (position % PERIOD);
    const from = start % PERIOD;
    return this.#bytes.subarray(from, from + Math.min(length, LONGEST));
  }

  /** Which of the first `length` bytes of `received`, at most LONGEST, is not what belongs at `position`; -1: none. */
  mismatch(connection, position, received, length) {
    const expected = this.at(connection, position, length);
    if (expected.compare(received, 0, length) === 0) return -1;
    return expected.findIndex((byte, i) => byte !== received[i]);
  }
}
