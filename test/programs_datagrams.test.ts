import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runFixture, startFixture } from './support/children.ts';
import { checkDescriptorsAfterEachTest } from './support/descriptors.ts';
import { broadcast, moveClients, twoLinks } from './support/dhcp.ts';
import { asNobody, hasNetworks, networkOf, ownNetwork } from './support/namespaces.ts';
import { type Bundle, bundleProgram, missing } from './support/programs.ts';

const says = `process.stdout.write('starts\\n');`;

describe.skipIf(missing !== '')(`the program quic.ts, as it stands${missing}`, () => {
  checkDescriptorsAfterEachTest();
  let program: Bundle;
  beforeAll(async () => {
    program = await bundleProgram('quic.ts', {
      before: says,
      // A connection is its four letters. It answers each datagram with one of 1350 bytes, several in one call.
      after: `
        function nextTimeout() {
          return Infinity;
        }
        function dropPeer(batch, i) {
          console.log('dropped', i);
        }
        function find(map, bytes, start) {
          const name = bytes.toString('latin1', start, start + 4);
          if (!map.has(name)) map.set(name, { name, peer: new Uint8Array(), ce: 0, due: 0 });
          map.get(name).due++;
          return map.get(name);
        }
        function fill(connection, bytes, offset, most) {
          const count = Math.min(connection.due, Math.floor(most / 1350));
          connection.due -= count;
          for (let i = 0; i < count; i++) {
            const answer = Buffer.from((connection.name + connection.ce).padEnd(1350));
            answer.copy(bytes, offset + i * 1350);
          }
          return count * 1350;
        }`,
    });
  });
  afterAll(() => program.remove());

  it.each([
    'inet',
    'inet6',
  ])('answers over %s: many at once, with ECN, in segments, and to a peer that moved', async (family) => {
    // Its port is fixed: in a network of its own nobody else has it.
    const server = await startFixture(program.fixture, [], hasNetworks ? { within: ownNetwork() } : {});
    const within = hasNetworks ? networkOf(server.process.pid) : [];
    const { code, stdout, stderr } = await runFixture('quic_client.mjs', [family, '4433'], { within });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const answer = (name: string) => [name, 1350, 2];
    expect(
      Object.assign(
        {},
        ...stdout
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line)),
      ),
    ).toEqual({
      one: [answer('ping0')],
      many: Array.from({ length: 5 }, () => answer('many0')),
      marked: [answer('many1')],
      segments: ['gsoa0', 'gsob0', 'gsoc0'].map(answer),
      moved: [answer('many1')],
      last: [answer('last0')],
    });
    server.process.kill();
    expect(await server.ended).toMatchObject({ signal: 'SIGTERM', stdout: 'starts\n', stderr: '' });
  });
});

describe.skipIf(missing !== '')(`the program dhcp.ts, as it stands${missing}`, () => {
  checkDescriptorsAfterEachTest();
  let program: Bundle;
  beforeAll(async () => {
    program = await bundleProgram('dhcp.ts', {
      before: says,
      after: `
        function offer(request, name, server) {
          return Buffer.from([request, 'on', name, 'to', server].join(' '));
        }`,
    });
  });
  afterAll(() => program.remove());

  it('answers on the link that a broadcast came in on, from its own address there', async () => {
    if (!hasNetworks) {
      // Port 67 may be for root, and broadcasts would leave this machine.
      const start = startFixture(program.fixture, [], { within: asNobody });
      expect(await start.then(({ firstLine }) => firstLine, String)).toMatch(/^starts$|bind E(ACCES|ADDRINUSE)/);
      return;
    }
    const server = await startFixture(program.fixture, [], { within: ownNetwork(...twoLinks) });
    const clients = await moveClients(server.process.pid);
    for (const link of [1, 2, 1]) {
      const answers = await broadcast(clients, link, [Buffer.from('one'), Buffer.from('another')]);
      const about = `on server${link} to 10.0.${link}.1`;
      expect(answers.map(({ from, bytes }) => `${from} ${bytes}`)).toEqual([
        `10.0.${link}.1:67 one ${about}`,
        `10.0.${link}.1:67 another ${about}`,
      ]);
    }
    server.process.kill();
    expect(await server.ended).toMatchObject({ signal: 'SIGTERM', stderr: '' });
  });
});
