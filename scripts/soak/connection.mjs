// One connection of a soak's load, and what it does: it sends what its pattern says, reads what comes back, checks each
// byte of it, and goes on until the load is told to stop. It reports to `load` (see load.mjs), which owns the poller.
import { READABLE, WRITABLE } from 'fdpoll';
import { LONGEST } from './bytes.mjs';

const KIB = 1024;

/** What a flooding peer keeps under way at least, in bytes. */
const FLOOD = 512 * KIB;

/** How often a connection of each scenario does what, in percent; the rest are echoes. */
const CHANCES = {
  mixed: { flood: 1, stall: 2, halfClose: 3, reset: 2, close: 2 },
  exhaustion: { halfClose: 40, reset: 10, close: 30 },
  quiet: {},
  flood: {},
};

/** The most bytes that one such act sends; for a flood the least is a quarter of it. */
const SIZES = { echo: 2 * KIB, flood: KIB * KIB, stall: 512 * KIB, halfClose: 64 * KIB, reset: 64 * KIB, quiet: 512 };

export class Connection {
  #load;
  #random;
  #socket;
  #id = 0;
  #act = 'none';
  #phase = '';
  #interest = 0;
  #reading = true;
  #sent = 0;
  #target = 0;
  #received = 0;
  #sentAt = 0;
  #served = false;

  constructor(load, random) {
    this.#load = load;
    this.#random = random;
  }

  get connected() {
    return this.#act !== 'none' && this.#act !== 'connect';
  }

  /** Whether it has ever had an answer. */
  get served() {
    return this.#served;
  }

  /** Bytes that have not come back yet. */
  get missing() {
    return this.#target - this.#received;
  }

  toString() {
    return `connection ${this.#id} (${this.#act}): ${this.#sent} sent, ${this.#received} received of ${this.#target}`;
  }

  open() {
    [this.#sent, this.#target, this.#received] = [0, 0, 0];
    this.#id = this.#load.nextId();
    this.#socket = this.#load.connect(this.#id);
    if (this.#socket === undefined) return this.#load.later(this, 100, () => this.open());
    this.#act = 'connect';
    this.#reading = true;
    this.#interest = WRITABLE;
    this.#load.poller.add(this.#socket, WRITABLE, { data: this });
  }

  /** An event of the poller. */
  ready(flags) {
    // Of a socket that was closed within this batch: the next one may be connecting by now.
    if (flags === 0) return;
    try {
      if (this.#act === 'connect') return this.#connected();
      if ((flags & READABLE) !== 0 && this.#reading) this.#receive();
      if (this.#socket !== undefined && (flags & WRITABLE) !== 0) this.#send();
    } catch (error) {
      this.#fail(error.message);
    }
  }

  #connected() {
    const error = this.#socket.takeError();
    if (error) return this.#fail(`does not connect: ${error.message}`);
    this.#load.counts.connects++;
    this.#echo(SIZES.echo);
  }

  #fail(why) {
    this.#load.fail(`${this}: ${why}`);
    this.#close();
    this.#load.over(this);
  }

  #close() {
    this.#socket?.close();
    this.#socket = undefined;
    this.#act = 'none';
  }

  #listen() {
    const interest = (this.#reading ? READABLE : 0) | (this.#sent < this.#target ? WRITABLE : 0);
    if (interest === this.#interest) return;
    this.#load.poller.modify(this.#socket, interest);
    this.#interest = interest;
  }

  #send() {
    // A piece at a time, so that a flood does not keep the others of this process waiting.
    const bytes = this.#load.pattern.at(this.#id, this.#sent, Math.min(LONGEST, this.#target - this.#sent));
    const sent = bytes.length > 0 ? Math.max(this.#socket.send(bytes), 0) : 0;
    this.#sent += sent;
    this.#load.counts.sent += sent;
    if (this.#sent === this.#target && this.#act === 'halfClose') this.#socket.shutdown('write');
    this.#listen();
  }

  #start(act, bytes) {
    this.#act = act;
    this.#target += bytes;
    this.#sentAt = performance.now();
    this.#phase = this.#load.phase;
    this.#load.counts.acts[act] = (this.#load.counts.acts[act] ?? 0) + 1;
    this.#send();
  }

  #echo(most) {
    this.#start('echo', this.#size(most));
  }

  #size(most) {
    return 1 + Math.floor(this.#random() * most);
  }

  #receive() {
    const { buffer, pattern, counts } = this.#load;
    const received = this.#socket.recv(buffer);
    if (received < 0) return;
    if (received === 0) return this.#end();
    const wrong = pattern.mismatch(this.#id, this.#received, buffer, received);
    if (wrong >= 0 || this.#received + received > this.#sent) {
      counts.wrong++;
      const where = wrong >= 0 ? `byte ${this.#received + wrong} is another` : 'more came than was sent';
      return this.#fail(where);
    }
    this.#received += received;
    counts.checked += received;
    this.#served = true;
    if (this.#act === 'flooding') this.#flood();
    if (this.#received === this.#target && this.#act !== 'halfClose') this.#answered();
  }

  #end() {
    if (this.#act !== 'halfClose' || this.missing > 0) {
      return this.#fail(`ended with ${this.missing} bytes missing`);
    }
    this.#close();
    this.#again();
  }

  #again() {
    if (this.#load.stopping) this.#load.over(this);
    else this.open();
  }

  #answered() {
    if (this.#act === 'reset') return;
    if (this.#act === 'echo') this.#load.record(performance.now() - this.#sentAt, this.#phase);
    this.#act = 'idle';
    this.#load.answered(this);
    this.#load.turn(this);
  }

  /** What it does next, when it has nothing under way: its turn has come, or the load stops. */
  act() {
    if (this.#act !== 'idle') return;
    try {
      if (this.#load.stopping) return this.#start('halfClose', this.#size(SIZES.echo));
      if (this.#load.scenario === 'flood') return this.#flood();
      if (this.#load.scenario === 'exhaustion' && this.#load.phase !== 'churn') return this.#load.turn(this);
      this.#begin(this.#chosen());
    } catch (error) {
      this.#fail(error.message);
    }
  }

  #chosen() {
    let dice = this.#random() * 100;
    for (const [act, chance] of Object.entries(CHANCES[this.#load.scenario])) {
      if (dice < chance) return act;
      dice -= chance;
    }
    return this.#load.scenario === 'quiet' ? 'quiet' : 'echo';
  }

  #begin(act) {
    if (act === 'echo' || act === 'quiet') return this.#echo(SIZES[act]);
    if (act === 'halfClose') return this.#start(act, this.#size(SIZES[act]));
    if (act === 'flood') return this.#start(act, SIZES.flood / 4 + this.#size((SIZES.flood / 4) * 3));
    if (act === 'close') {
      this.#load.counts.acts.close = (this.#load.counts.acts.close ?? 0) + 1;
      this.#close();
      return this.#again();
    }
    if (act === 'stall') {
      this.#reading = false;
      this.#load.later(this, 200 + this.#random() * 2000, (id) => this.#wake(id), this.#id);
      return this.#start(act, this.#size(SIZES.stall));
    }
    this.#load.later(this, this.#random() * 50, (id) => this.#reset(id), this.#id);
    this.#start('reset', this.#size(SIZES.reset));
  }

  #wake(id) {
    if (id !== this.#id || this.#socket === undefined) return;
    this.#reading = true;
    this.#listen();
  }

  #reset(id) {
    if (id !== this.#id || this.#socket === undefined) return;
    this.#socket.reset();
    this.#target = this.#received;
    this.#close();
    this.#again();
  }

  /** Keeps more under way than any buffer takes, while the phase says so. */
  #flood() {
    if (this.#load.stopping || this.#load.phase !== 'flood') {
      if (this.#act === 'flooding') this.#act = 'pause';
      else this.#load.turn(this);
      return;
    }
    if (this.missing >= FLOOD) return;
    this.#act = 'flooding';
    this.#target += 2 * FLOOD;
    this.#send();
  }
}
