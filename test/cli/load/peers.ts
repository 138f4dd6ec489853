import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { Clients, type Target } from '../../../lib/cli/load/clients.ts';
import { ProgramProcess } from '../../../lib/cli/program_process.ts';
import type { Addresses, Transport } from '../../../lib/cli/servers/listening.ts';
import { Socket } from '../../../lib/index.ts';
import { built } from '../dist.ts';

/** A real server in a process of its own, for a test that blocks. */
export async function startServer(subject = 'poll', transports: readonly Transport[] = ['tcp', 'unix', 'udp']) {
  const server = new ProgramProcess(built('cli/echo_server.js'), [subject, ...transports]);
  onTestFinished(() => server.close());
  const { addresses } = await server.reply<{ addresses: Addresses }>();
  return { server, addresses };
}

/** A TCP server that answers the first message `d` of a connection `s` by a line of script, by default with itself, and
 * does with later ones what another line says. Its address. */
export async function startScript(later: string, first = 's.write(d);'): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'fdpoll-'));
  const path = join(directory, 'server.mjs');
  writeFileSync(
    path,
    `import { createServer, Socket } from 'node:net';
    const c = new Socket({ fd: 3 });
    c.on('close', () => process.exit()).resume();
    createServer((s) => { s.on('error', () => {}); s.once('data', (d) => { ${first} s.on('data', (d) => { ${later} }); }); })
      .listen(0, '127.0.0.1', function () { c.write(JSON.stringify({ port: this.address().port }) + '\\n'); });`,
  );
  const program = new ProgramProcess(path);
  onTestFinished(async () => {
    await program.close();
    rmSync(directory, { recursive: true });
  });
  const { port } = await program.reply<{ port: number }>();
  return `127.0.0.1:${port}`;
}

/** Clients whose control socket is `theirs` of the pair. */
export function connect(target: Partial<Target> & { readonly address: string }): { clients: Clients; ours: Socket } {
  const [ours, control] = Socket.pair();
  const clients = new Clients({ transport: 'tcp', connections: 3, bytes: 16, ...target }, control);
  onTestFinished(() => {
    clients.close();
    ours.close();
    control.close();
  });
  return { clients, ours };
}
