import { describe, expect, it } from 'vitest';
import { Acceptor, type AcceptTask } from '../../../lib/cli/accept_sides.ts';
import { backends, READABLE, Socket, waitFor } from '../../../lib/index.ts';
import { built } from '../dist.ts';
import { leavesNothingBehind } from '../left_behind.ts';

const usable = backends().filter((backend) => backend.usable);
const CLIENTS = 5;

function portOf(socket: Socket): number {
  const address = socket.localAddress;
  return address && 'port' in address ? address.port : 0;
}

/** What two Workers accept, of clients that connect one after another. */
async function acceptBoth(task: AcceptTask, port: number): Promise<{ accepted: number; wakeUps: number }> {
  const acceptors = [new Acceptor(built('cli/accept_worker.js')), new Acceptor(built('cli/accept_worker.js'))];
  for (const acceptor of acceptors) await acceptor.begin(task);
  for (let i = 0; i < CLIENTS; i++) {
    const client = Socket.connect(`127.0.0.1:${port}`);
    expect(waitFor(client, READABLE, 10_000)).not.toBe(0);
    expect(client.recv(new Uint8Array(1))).toBe(0);
    client.reset();
  }
  const reports = await Promise.all(acceptors.map((acceptor) => acceptor.finish()));
  for (const acceptor of acceptors) await acceptor.close();
  const sum = (values: number[]): number => values.reduce((a, b) => a + b, 0);
  return {
    accepted: sum(reports.map((report) => report.accepted)),
    wakeUps: sum(reports.map((report) => report.wakeUps)),
  };
}

describe.each(usable)('a Worker that accepts on $name', ({ name, capabilities }) => {
  it('shares a listener with others', async () => {
    await leavesNothingBehind(async () => {
      const listener = Socket.listen('127.0.0.1:0');
      const task = { backend: name, exclusive: false, listenerFd: listener.fd };
      const { accepted, wakeUps } = await acceptBoth(task, portOf(listener));
      expect(accepted).toBe(CLIENTS);
      expect(wakeUps).toBeGreaterThanOrEqual(CLIENTS);
      expect(wakeUps).toBeLessThanOrEqual(2 * CLIENTS);
      listener.close();
    });
  });

  it('has a listener of its own at the port of others', async () => {
    const reserved = new Socket('inet', 'stream');
    reserved.setOption('SO_REUSEPORT', true);
    reserved.bind('127.0.0.1:0');
    const port = portOf(reserved);
    expect(await acceptBoth({ backend: name, exclusive: false, port }, port)).toEqual({
      accepted: CLIENTS,
      wakeUps: CLIENTS,
    });
    reserved.close();
  });

  it('is woken exclusively, or says that the backend cannot', async () => {
    const listener = Socket.listen('127.0.0.1:0');
    const task = { backend: name, exclusive: true, listenerFd: listener.fd };
    if (capabilities.exclusive) expect((await acceptBoth(task, portOf(listener))).accepted).toBe(CLIENTS);
    else {
      const acceptor = new Acceptor(built('cli/accept_worker.js'));
      await expect(acceptor.begin(task)).rejects.toThrow('ENOTSUP');
      await acceptor.close();
    }
    listener.close();
  });
});
