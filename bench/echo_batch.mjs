// The echo server on events.receive and events.send: one crossing to wait, one to receive from all, one to send to all.
// Measured against the raw C one. usage: node bench/echo_batch.mjs PORT; prints `ready`.
import { Poller } from 'fdpoll';
import { echoServer } from './lib/echo_server.mjs';

const poller = new Poller();
const serve = echoServer(poller, process.argv[2] ?? 0);
for (;;) serve(poller.wait());
