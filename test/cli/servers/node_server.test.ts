import { describe, expect, it } from 'vitest';
import { Control } from '../../../lib/cli/control.ts';
import { Clients } from '../../../lib/cli/load/clients.ts';
import { closedLoop } from '../../../lib/cli/load/closed_loop.ts';
import { ProgramProcess } from '../../../lib/cli/program_process.ts';
import { type Addresses, Listening, transports } from '../../../lib/cli/servers/listening.ts';
import { serveNode } from '../../../lib/cli/servers/node_server.ts';
import { READABLE, ready, type Socket } from '../../../lib/index.ts';
import { pair } from '../../support/sockets.ts';
import { built } from '../dist.ts';

async function readLines(socket: Socket, count: number): Promise<string[]> {
  const buffer = Buffer.alloc(4096);
  let text = '';
  while (text.split('\n').length <= count) {
    await ready(socket, READABLE);
    text += buffer.toString('utf8', 0, socket.recv(buffer));
  }
  return text.trimEnd().split('\n');
}

describe('serveNode', () => {
  it('sends back the bytes of each connection over every transport', async () => {
    const server = new ProgramProcess(built('cli/echo_server.js'), ['node:', ...transports]);
    const [, control] = pair();
    try {
      const { addresses } = await server.reply<{ addresses: Addresses }>();
      for (const transport of transports) {
        const clients = new Clients(
          { transport, address: addresses[transport] ?? '', connections: 10, bytes: 64 },
          control,
        );
        expect(closedLoop(clients, 10).messages).toBeGreaterThanOrEqual(10);
        clients.close();
      }
    } finally {
      await server.close();
    }
  });

  it('answers requests with its status, and closes its sockets when the control socket ends', async () => {
    const listening = new Listening(transports);
    const [ours, theirs] = pair();
    ours.send(Buffer.from('{}\n'));
    const served = serveNode(listening.sockets, new Control(theirs), () => ({ cpu: 1 }), { ready: true });
    const lines = await readLines(ours, 2);
    expect(lines.toSorted()).toEqual(['{"cpu":1}', '{"ready":true}']);
    ours.close();
    await served;
    listening.close();
  });

  it('ends also when the control socket did before it was ready', async () => {
    const listening = new Listening(transports);
    const [ours, theirs] = pair();
    ours.close();
    await serveNode(listening.sockets, new Control(theirs), () => ({}), {});
    listening.close();
  });
});
