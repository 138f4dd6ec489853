// A line for the system log: node examples/syslog.mjs info 'the pump runs' [/dev/log] [rfc5424]
// It speaks to syslogd or journald as syslog(3) does: in datagrams, or in a stream where those are not taken.
import { hostname } from 'node:os';
import { Socket } from 'fdpoll';

const SEVERITIES = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'];
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
const USER = 1; // the facility; daemon is 3, local0 to local7 are 16 to 23
const GONE = ['ECONNREFUSED', 'ECONNRESET', 'ENOTCONN', 'EPIPE'];

const two = (number, filler) => String(number).padStart(2, filler);

/** RFC 3164, as syslog(3) writes it to the local socket: without the host. */
export function line3164(priority, tag, text, time = new Date()) {
  const day = `${MONTHS[time.getMonth()]} ${two(time.getDate(), ' ')}`;
  const hour = [time.getHours(), time.getMinutes(), time.getSeconds()].map((part) => two(part, '0')).join(':');
  return `<${priority}>${day} ${hour} ${tag}[${process.pid}]: ${text}`;
}

/** RFC 5424, without an identifier and structured data. */
export const line5424 = (priority, tag, text, time = new Date()) =>
  `<${priority}>1 ${time.toISOString()} ${hostname()} ${tag} ${process.pid} - - ${text}`;

export class Syslog {
  #path;
  #socket;

  constructor(path = '/dev/log') {
    this.#path = path;
    this.#connect();
  }

  /** False when the log takes nothing for a second: the line is lost, and the program goes on. */
  log(severity, text, { tag = 'node', facility = USER, format = line3164 } = {}) {
    const level = SEVERITIES.indexOf(severity);
    if (level < 0) throw new RangeError(`${severity} is none of ${SEVERITIES.join(', ')}`);
    const line = format(facility * 8 + level, tag, text.replace(/\p{Cc}+/gu, ' ')); // a line break would begin another
    try {
      return this.#send(line);
    } catch (error) {
      if (error.code === 'ENOBUFS') return false; // how the BSDs say that a queue is full
      if (!GONE.includes(error.code) && error.code !== 'ERR_FDPOLL_CLOSED') throw error;
      this.close();
      this.#connect(); // it was restarted
      return this.#send(line);
    }
  }

  close() {
    this.#socket?.close();
  }

  #connect() {
    const options = { timeout: 1000 };
    try {
      this.#socket = Socket.connect(`unix:${this.#path}`, { ...options, type: 'dgram' });
    } catch (error) {
      if (error.code !== 'EPROTOTYPE') throw error;
      this.#socket = Socket.connect(`unix:${this.#path}`, { ...options, type: 'stream' });
    }
    this.#socket.timeout = options.timeout;
  }

  #send(line) {
    const stream = this.#socket.type === 'stream';
    const bytes = Buffer.from(stream ? `${line}\0` : line); // in a stream, the end of the line
    for (let sent = 0; sent < bytes.length; ) {
      const taken = this.#socket.send(bytes, sent);
      if (taken < 0 && sent > 0) this.close(); // half a line: the next one begins a new stream
      if (taken < 0) return false;
      sent += taken;
    }
    return true;
  }
}

if (process.argv[1] === import.meta.filename) {
  const [severity, text, path, format] = process.argv.slice(2);
  const log = new Syslog(path);
  if (!log.log(severity, text, { format: format === 'rfc5424' ? line5424 : line3164 })) process.exitCode = 1;
  log.close();
}
