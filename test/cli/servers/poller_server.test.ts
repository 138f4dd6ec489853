import { describe, expect, it } from 'vitest';
import { Control } from '../../../lib/cli/control.ts';
import { Clients } from '../../../lib/cli/load/clients.ts';
import { closedLoop } from '../../../lib/cli/load/closed_loop.ts';
import { ProgramProcess } from '../../../lib/cli/program_process.ts';
import { type Addresses, transports } from '../../../lib/cli/servers/listening.ts';
import { manners, PollerServer } from '../../../lib/cli/servers/poller_server.ts';
import { backends } from '../../../lib/index.ts';
import { pair } from '../../support/sockets.ts';
import { built } from '../dist.ts';

const usable = backends().filter((backend) => backend.usable);
const subjects = usable.flatMap(({ name }) => manners.map((manner) => `${name}, ${manner}`));

describe.each(subjects)('the server on %s', (subject) => {
  it('sends back the bytes of each connection over every transport', { timeout: 30_000 }, async () => {
    const server = new ProgramProcess(built('cli/echo_server.js'), [subject, ...transports]);
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
      expect(await server.ask({})).toEqual({ cpu: expect.any(Number) });
    } finally {
      await server.close();
    }
  });
});

describe('PollerServer', () => {
  it.each(manners)('ends with its control socket, %s', async (manner) => {
    const [ours, theirs] = pair();
    const [client, served] = pair();
    const server = new PollerServer('poll', manner, new Control(theirs), () => ({}));
    server.adopt(served);
    ours.close();
    await server.run();
    client.close();
  });
});
