import { describe, expect, it } from 'vitest';
import { echoPeers, serving } from '../../../lib/cli/scenarios/echo_peers.ts';

const names = (quick: boolean, transport: 'tcp' | 'udp') =>
  serving(echoPeers({ backends: ['epoll', 'poll'], quick }), transport).map(({ subject }) => subject);

describe('echoPeers', () => {
  it('has each backend, the best one in other manners, and the peer of the transport', () => {
    expect(names(true, 'tcp')).toEqual(['epoll', 'poll', 'epoll, batch', 'node:net']);
    expect(names(false, 'udp')).toEqual(['epoll', 'poll', 'epoll, batch', 'epoll, hosted', 'node:dgram']);
  });
});
