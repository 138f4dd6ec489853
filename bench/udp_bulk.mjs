// Bytes of a bulk transfer over UDP for each second of server CPU, in datagrams of 1200 bytes on loopback: fdpoll, which
// sends with GSO and receives with GRO, and node:dgram, as a server that receives and as one that sends. The other end is
// the same for both: fdpoll. Servers on CPU 0, the other end on CPU 1. Linux, taskset, `npm run compile`.
// usage: node bench/udp_bulk.mjs [--rounds N] [--seconds N]
import { parseArgs } from 'node:util';
import { median } from 'simple-statistics';
import { inTurn, script, spread, start } from './lib/ratio.mjs';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '11' }, seconds: { type: 'string', default: '2' } },
});
const seconds = Number(values.seconds);
// The other end starts before and ends after the one that is measured.
const MARGIN = 1;
let port = 7600;

const subject = (cpu, kind, role, time) => start(cpu, script('udp_bulk_subject.mjs', kind, role, port, time));

/** Bytes for each second of CPU. */
async function measure({ kind, role }) {
  port++;
  const ends = { receive: () => subject(0, kind, role, seconds + MARGIN), send: () => subject(0, kind, role, seconds) };
  const receiver = role === 'receive' ? ends.receive() : subject(1, 'fdpoll', 'receive', seconds + 2 * MARGIN);
  await receiver.line();
  const sender = role === 'send' ? ends.send() : subject(1, 'fdpoll', 'send', seconds + 2 * MARGIN);
  try {
    const { bytes, cpu } = JSON.parse(await (role === 'receive' ? receiver : sender).line());
    return (bytes / cpu) * 1e6;
  } finally {
    await sender.kill();
    await receiver.kill();
  }
}

for (const role of ['receive', 'send']) {
  const subjects = { fdpoll: { kind: 'fdpoll', role }, 'node:dgram': { kind: 'dgram', role } };
  const samples = await inTurn(Number(values.rounds), subjects, measure);
  console.log(`${role}: ${values.rounds} rounds, MB for each second of server CPU`);
  for (const [name, its] of Object.entries(samples))
    console.log(`${name.padEnd(12)} ${(median(its) / 1e6).toFixed(0)}`);
  const ratios = samples.fdpoll.map((sample, round) => sample / samples['node:dgram'][round]);
  console.log(`fdpoll to node:dgram ${spread(ratios)}`);
}
