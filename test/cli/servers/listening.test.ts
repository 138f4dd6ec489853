import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Listening, transports } from '../../../lib/cli/servers/listening.ts';

describe('Listening', () => {
  it('listens on any port of loopback and on a path of its own, and leaves no path behind', () => {
    const listening = new Listening(transports);
    const { tcp, unix = '', udp } = listening.addresses;
    expect([tcp, udp]).toEqual([
      expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      expect.stringMatching(/^127\.0\.0\.1:\d+$/),
    ]);
    const path = unix.replace(/^unix:/, '');
    expect(existsSync(path)).toBe(true);
    listening.close();
    expect(existsSync(dirname(path))).toBe(false);
    expect([...listening.sockets.values()].every(({ closed }) => closed)).toBe(true);
  });

  it('has only what is wanted', () => {
    const listening = new Listening(['udp']);
    expect(Object.keys(listening.addresses)).toEqual(['udp']);
    listening.close();
  });

  it('has connections that do not wait for acknowledgements', () => {
    const listening = new Listening(['tcp']);
    expect(listening.sockets.get('tcp')?.getOption('TCP_NODELAY')).toBe(true);
    listening.close();
  });
});
