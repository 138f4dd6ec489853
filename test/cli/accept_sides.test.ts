import { describe, expect, it } from 'vitest';
import { Acceptor, Connector } from '../../lib/cli/accept_sides.ts';
import { Socket } from '../../lib/index.ts';
import { built } from './dist.ts';
import { leavesNothingBehind } from './left_behind.ts';
import { usable } from './scenarios/context.ts';

const [backend = 'poll'] = usable;

function portOf(listener: Socket): number {
  const address = listener.localAddress;
  return address && 'port' in address ? address.port : 0;
}

describe('Acceptor and Connector', () => {
  it('count the same connections, and leave nothing behind', async () => {
    const both = async () => {
      const listener = Socket.listen('127.0.0.1:0');
      const acceptor = new Acceptor(built('cli/accept_worker.js'));
      const connector = new Connector(built('cli/connector.js'));
      for (const clients of [1, 3]) {
        await acceptor.begin({ backend, exclusive: false, listenerFd: listener.fd });
        const { connections, seconds } = connector.connect({ port: portOf(listener), clients, ms: 0 });
        const { accepted, wakeUps } = await acceptor.finish();
        expect([connections, accepted]).toEqual([clients, clients]);
        expect(wakeUps).toBeGreaterThanOrEqual(clients);
        expect(seconds).toBeGreaterThan(0);
      }
      await acceptor.close();
      await connector.close();
      listener.close();
    };
    await both();
    await leavesNothingBehind(both);
  });
});

describe('Acceptor', () => {
  it('says why its Worker failed, and goes on', async () => {
    const acceptor = new Acceptor(built('cli/accept_worker.js'));
    await expect(acceptor.begin({ backend, exclusive: false, listenerFd: 100_000 })).rejects.toThrow(
      /a Worker failed: .*EBADF/,
    );
    const listener = Socket.listen('127.0.0.1:0');
    await acceptor.begin({ backend, exclusive: false, listenerFd: listener.fd });
    expect(await acceptor.finish()).toEqual({ wakeUps: 0, accepted: 0 });
    await acceptor.close();
    listener.close();
  });

  it('says that its Worker has ended', async () => {
    const acceptor = new Acceptor('/dev/null');
    await expect(acceptor.begin({ backend, exclusive: false, port: 0 })).rejects.toThrow('a Worker has ended');
    await acceptor.close();
  });

  it('is closed while its Worker waits', async () => {
    await leavesNothingBehind(async () => {
      const listener = Socket.listen('127.0.0.1:0');
      const acceptor = new Acceptor(built('cli/accept_worker.js'));
      await acceptor.begin({ backend, exclusive: false, listenerFd: listener.fd });
      await acceptor.close();
      listener.close();
    });
  });
});

describe('Connector', () => {
  it('says that nobody listens', async () => {
    await leavesNothingBehind(async () => {
      const listener = Socket.listen('127.0.0.1:0');
      const port = portOf(listener);
      listener.close();
      const connector = new Connector(built('cli/connector.js'));
      expect(() => connector.connect({ port, clients: 1, ms: 0 })).toThrow(/the clients failed: .*ECONNREFUSED/);
      await connector.close();
    });
  });

  it('says that its process does not start', async () => {
    await leavesNothingBehind(() => {
      expect(() => new Connector('/dev/null')).toThrow('the server process has ended');
    });
  });
});
