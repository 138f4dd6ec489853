// Server CPU for each message of echo.mjs, echo_batch.mjs and echo_hosted.mjs, as a ratio to raw_echo.c in the same round,
// with raw_echo.c once more as the control and node:net beside it. Servers on CPU 0, the load on CPU 1. Linux, taskset, a C compiler, `npm run compile`.
// usage: node bench/echo_ratio.mjs [--rounds N] [--connections N] [--bytes N] [--seconds N]
import { parseArgs } from 'node:util';
import { cpuPerMessage, inTurn, printRatios, script, withCompiled } from './lib/ratio.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '11' },
    connections: { type: 'string', default: '64' },
    bytes: { type: 'string', default: '64' },
    seconds: { type: 'string', default: '2' },
  },
});
const { rounds, connections, bytes, seconds } = values;

const NET = `
  const server = require('node:net').createServer({ noDelay: false }, (socket) => {
    socket.on('data', (chunk) => socket.write(chunk)).on('error', () => socket.destroy());
  });
  server.listen(+process.argv[1], '127.0.0.1', 4096, () => console.log('ready'));`;

await withCompiled(['raw_echo'], async (compiled) => {
  const subjects = {
    raw: [compiled('raw_echo')],
    control: [compiled('raw_echo')],
    fdpoll: script('echo.mjs'),
    'in batches': script('echo_batch.mjs'),
    hosted: script('echo_hosted.mjs'),
    'node:net': [process.execPath, '-e', NET],
  };
  let port = 7400;
  const samples = await inTurn(Number(rounds), subjects, (command) => {
    port++;
    const load = script('echo_load.mjs', port, connections, bytes, Number(seconds) * 1000);
    return cpuPerMessage([...command, String(port)], load);
  });
  console.log(`${connections} connections, ${bytes} bytes, ${rounds} rounds: server CPU per message`);
  printRatios(samples, 'µs');
});
