/** Deadlines in ticks: a ring of slots, for the tens of thousands of pauses that a load has under way. */
export class Wheel {
  #slots;
  #at = 0;

  constructor(slots) {
    this.#slots = Array.from({ length: slots }, () => []);
  }

  /** Calls back in so many turns from now, at least one. */
  add(turns, callback) {
    const size = this.#slots.length;
    const ahead = Math.max(1, turns);
    const rounds = Math.floor((ahead - 1) / size);
    this.#slots[(this.#at + ahead) % size].push({ rounds, callback });
  }

  turn() {
    this.#at = (this.#at + 1) % this.#slots.length;
    const due = this.#slots[this.#at];
    this.#slots[this.#at] = due.filter((entry) => entry.rounds > 0);
    for (const entry of due) {
      if (entry.rounds > 0) entry.rounds--;
      else entry.callback();
    }
  }
}
