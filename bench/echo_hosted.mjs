// The echo server of echo_batch.mjs, driven by the runtime's own event loop instead of a loop on poller.wait(): a
// callback for each batch. usage: node bench/echo_hosted.mjs PORT [loop|thread]; prints `ready`.
import { Poller } from 'fdpoll';
import { echoServer } from './lib/echo_server.mjs';

const [port = 0, hosting] = process.argv.slice(2);
const poller = new Poller({ hosting });
poller.start(echoServer(poller, port));
