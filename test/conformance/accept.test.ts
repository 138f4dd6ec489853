import net from 'node:net';
import { expect, it } from 'vitest';
import { Poller, READABLE, Socket, WRITABLE } from '../../lib/index.ts';
import { describeEachBackend } from '../support/backends.ts';
import { runFixture } from '../support/children.ts';
import { expectEvents, expectFdError, expectNoEvents, waitForFlags, waitOnce } from '../support/expect.ts';
import { acceptOne, addressOf, closing, connect, drain, listen, portOf, say } from '../support/sockets.ts';

describeEachBackend('accept', (backend) => {
  it('is undefined when nobody is there, and the listener silent', () => {
    const poller = backend.poller();
    const listener = listen();
    poller.add(listener, READABLE);
    expectNoEvents(poller);
    expect(listener.accept()).toBeUndefined();
  });

  it('gives one connection at a time; the listener is readable until the last', () => {
    const poller = backend.poller();
    const listener = listen();
    poller.add(listener, READABLE);
    const clients = Array.from({ length: 5 }, () => connect(addressOf(listener)));
    const ports = new Set<number>();
    for (const _ of clients) {
      expectEvents(poller, [[listener, READABLE]]);
      const server = closing(listener.accept() ?? expect.fail('no connection'));
      const { remoteAddress } = server;
      ports.add(remoteAddress && 'port' in remoteAddress ? remoteAddress.port : 0);
      expect(server.closed).toBe(false);
      expect(server.family).toBe('inet');
      expect(server.type).toBe('stream');
      expect(server.listening).toBe(false);
    }
    expectNoEvents(poller);
    expect(listener.accept()).toBeUndefined();
    expect(ports).toEqual(new Set(clients.map(portOf)));
  });

  const noBacklog = backend.differs('available');
  it(noBacklog ? `tells no backlog: ${noBacklog}` : 'has the backlog as available', () => {
    const poller = backend.poller();
    const listener = listen();
    poller.add(listener, READABLE);
    for (let i = 0; i < 3; i++) connect(addressOf(listener));
    const events = poller.wait(1000);
    const expected = noBacklog ? -1 : backend.differs('exact backlog') ? 1 : 3;
    expect(events.available[0]).toBe(expected);
    for (let i = 0; i < 3; i++) acceptOne(listener);
  });

  it('gives sockets that do not block', () => {
    const poller = backend.poller();
    const listener = listen();
    const client = connect(addressOf(listener));
    const server = acceptOne(listener);
    expect(server.recv(Buffer.alloc(1))).toBe(-1);
    poller.add(server, READABLE);
    expectNoEvents(poller);
    say(client);
    expectEvents(poller, [[server, READABLE]]);
  });

  it('survives clients that are gone before they are accepted', async () => {
    const poller = backend.poller();
    const listener = listen();
    poller.add(listener, READABLE);
    const port = portOf(listener);
    for (let round = 0; round < 3; round++) {
      const client = net.connect(port, '127.0.0.1');
      await new Promise((resolve) => client.once('connect', resolve));
      client.on('error', () => {});
      client.resetAndDestroy();
      await new Promise((resolve) => client.once('close', resolve));
    }
    const alive = connect(addressOf(listener));
    let found: Socket | undefined;
    for (let wait = 0; wait < 20 && !found; wait++) {
      waitOnce(poller, 200);
      for (let s = listener.accept(); s; s = listener.accept()) {
        closing(s);
        const { remoteAddress } = s;
        if (remoteAddress && 'port' in remoteAddress && remoteAddress.port === portOf(alive)) found = s;
      }
    }
    say(found ?? expect.fail('the living client was not accepted'), 'welcome');
    poller.add(alive, READABLE);
    waitForFlags(poller, alive, READABLE);
    expect(drain(alive).text).toBe('welcome');
  });

  it('of a socket that does not listen is EINVAL', () => {
    expectFdError(() => closing(new Socket('inet', 'stream')).accept(), 'EINVAL');
  });

  it('serves a hundred clients that talk at once', () => {
    const poller = backend.poller<Socket | undefined>();
    const listener = listen();
    poller.add(listener, READABLE);
    const clients = Array.from({ length: 100 }, () => closing(Socket.connect(addressOf(listener))));
    const outer = closing(new Poller());
    for (const client of clients) outer.add(client, WRITABLE);
    let greeted = 0;
    let served = 0;
    const buffer = Buffer.alloc(64);
    for (let wait = 0; wait < 2000 && served < 100; wait++) {
      for (const { fd } of outer.wait(0)) {
        outer.delete(fd);
        say(clients.find((client) => client.fd === fd) ?? expect.fail('no client'), 'hi');
        greeted++;
      }
      for (const { data } of poller.wait(1)) {
        if (data === undefined) {
          for (let s = listener.accept(); s; s = listener.accept()) poller.add(closing(s), READABLE, { data: s });
        } else if (data.recv(buffer) > 0) {
          data.close();
          served++;
        }
      }
    }
    expect({ greeted, served, size: poller.size }).toEqual({ greeted: 100, served: 100, size: 1 });
  });

  it('out of descriptors, nothing that opens several leaks one', async () => {
    const { stdout, code, stderr } = await runFixture('descriptor_limit.mjs', [backend.name], { descriptors: 64 });
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const report = JSON.parse(stdout) as Record<string, { codes: string[]; leaked: number }>;
    expect(Object.keys(report).length).toBeGreaterThanOrEqual(8);
    for (const [what, { codes, leaked }] of Object.entries(report)) {
      expect(leaked, `descriptors leaked by ${what}`).toBe(0);
      expect(codes.length, what).toBeGreaterThanOrEqual(1);
      for (const errorCode of codes) expect(errorCode, what).toBe('EMFILE');
    }
  });
});
