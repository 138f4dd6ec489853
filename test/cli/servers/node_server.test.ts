import { describe, expect, it } from 'vitest';
import { Control } from '../../../lib/cli/control.ts';
import { Clients } from '../../../lib/cli/load/clients.ts';
import { closedLoop } from '../../../lib/cli/load/closed_loop.ts';
import { ProgramProcess } from '../../../lib/cli/program_process.ts';
import { type Addresses, Listening, transports } from '../../../lib/cli/servers/listening.ts';
import { serveNode } from '../../../lib/cli/servers/node_server.ts';
import { pair } from '../../support/sockets.ts';
import { built } from '../dist.ts';

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
    let ready = false;
    const served = serveNode(
      listening.sockets,
      new Control(theirs),
      () => ({ cpu: 1 }),
      () => {
        ready = true;
        ours.send(Buffer.from('{}\n'));
        ours.shutdown('write');
      },
    );
    await served;
    const buffer = Buffer.alloc(64);
    expect(ready).toBe(true);
    expect(buffer.toString('utf8', 0, ours.recv(buffer))).toBe('{"cpu":1}\n');
    listening.close();
  });
});
