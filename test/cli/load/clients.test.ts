import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Client } from '../../../lib/cli/load/clients.ts';
import { pair } from '../../support/sockets.ts';
import { connect, startScript, startServer } from './peers.ts';

describe('Client', () => {
  it('has a message of its own, and knows its bytes wherever they begin', () => {
    const [a, b] = pair();
    const [one, two] = [new Client(a, 1, 8), new Client(b, 2, 8)];
    expect(one.message).not.toEqual(two.message);
    one.received = 11;
    expect(one.isNext(one.message, 3, 5)).toBe(true);
    expect(one.isNext(two.message, 3, 5)).toBe(false);
  });

  it('says when its message is not taken', () => {
    const [a] = pair();
    const client = new Client(a, 1, 1 << 22);
    expect(() => client.sendMessage()).toThrow('does not take a message');
  });
});

describe('Clients', () => {
  it.each(['tcp', 'unix', 'udp'] as const)('connects over %s, and closes what it has', async (transport) => {
    const { addresses } = await startServer();
    const before = readdirSync('/dev/fd').length;
    const { clients } = connect({ transport, address: addresses[transport] ?? '', connections: 20 });
    expect(clients.all.map(({ socket }) => socket.type)).toEqual(
      Array.from({ length: 20 }, () => (transport === 'udp' ? 'dgram' : 'stream')),
    );
    clients.close();
    // The control sockets.
    expect(readdirSync('/dev/fd').length).toBe(before + 2);
  });

  it('says that nobody listens', () => {
    expect(() => connect({ address: '127.0.0.1:1' })).toThrow('ECONNREFUSED');
  });

  it('says that the server closes a connection', async () => {
    const address = await startScript('', 's.destroy();');
    expect(() => connect({ address })).toThrow('the server closed a connection');
  });

  it('says that the server sends back other bytes', async () => {
    const address = await startScript('', 's.write(d.reverse());');
    expect(() => connect({ address })).toThrow('the server sent back other bytes');
  });
});
