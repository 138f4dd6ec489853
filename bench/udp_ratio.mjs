// Server CPU for each datagram of udp_echo.mjs, as a ratio to raw_udp.c with one datagram a system call in the same
// round, with that once more as the control, and raw_udp.c with 64 a call and node:dgram beside it. Servers on CPU 0,
// the load on CPU 1. Linux, taskset, a C compiler, `npm run compile`.
// usage: node bench/udp_ratio.mjs [--rounds N] [--sockets N] [--bytes N] [--window N] [--seconds N]
import { parseArgs } from 'node:util';
import { cpuPerMessage, inTurn, printRatios, script, withCompiled } from './lib/ratio.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '11' },
    sockets: { type: 'string', default: '8' },
    bytes: { type: 'string', default: '64' },
    window: { type: 'string', default: '32' },
    seconds: { type: 'string', default: '2' },
  },
});
const { rounds, sockets, bytes, window, seconds } = values;

const DGRAM = `
  const socket = require('node:dgram').createSocket({ type: 'udp4', recvBufferSize: 4 << 20 });
  socket.on('message', (message, { port, address }) => socket.send(message, port, address));
  socket.bind(+process.argv[1], '127.0.0.1', () => console.log('ready'));`;

await withCompiled(['raw_udp'], async (compiled) => {
  const subjects = {
    raw: (port) => [compiled('raw_udp'), port, '1'],
    control: (port) => [compiled('raw_udp'), port, '1'],
    'raw, 64': (port) => [compiled('raw_udp'), port, '64'],
    fdpoll: (port) => script('udp_echo.mjs', port),
    'node:dgram': (port) => [process.execPath, '-e', DGRAM, port],
  };
  let number = 7400;
  const samples = await inTurn(Number(rounds), subjects, (command) => {
    const port = String(number++);
    const load = script('udp_load.mjs', port, sockets, bytes, window, Number(seconds) * 1000);
    return cpuPerMessage(command(port), load);
  });
  console.log(
    `${sockets} sockets, ${window} datagrams of ${bytes} bytes in flight, ${rounds} rounds: server CPU per datagram`,
  );
  printRatios(samples, 'µs');
});
