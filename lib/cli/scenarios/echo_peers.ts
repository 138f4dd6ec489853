import type { Peer } from '../load/session.ts';
import type { Context } from '../scenario.ts';
import type { Transport } from '../servers/listening.ts';

export const NODE_NET = 'node:net';
export const NODE_DGRAM = 'node:dgram';

/** Each backend; the best of them in other manners; and what everybody has. */
export function echoPeers({ backends, quick }: Pick<Context, 'backends' | 'quick'>): Peer[] {
  const [best] = backends;
  const manners = quick ? ['batch'] : ['batch', 'hosted'];
  return [
    ...[...backends, ...manners.map((manner) => `${best}, ${manner}`)].map((subject) => {
      return { subject, transports: ['tcp', 'unix', 'udp'] as const };
    }),
    { subject: NODE_NET, transports: ['tcp', 'unix'] },
    { subject: NODE_DGRAM, transports: ['udp'] },
  ];
}

export function serving(peers: readonly Peer[], transport: Transport): Peer[] {
  return peers.filter(({ transports }) => transports.includes(transport));
}
