import { describe, expect, it } from 'vitest';
import { DuplexOutput } from '../lib/duplex_output.ts';
import { keepDuplicates } from '../lib/kept_descriptors.ts';
import type { Socket } from '../lib/socket.ts';
import { checkDescriptorsAfterEachTest, openDescriptors } from './support/descriptors.ts';
import { pattern } from './support/duplex.ts';
import { expectFdError } from './support/expect.ts';
import { bytes, drain, fill, pair } from './support/sockets.ts';

/** Goes on until everything went; what the peer received. */
const finish = (output: DuplexOutput, peer: Socket, done: boolean): string => {
  let text = drain(peer).text;
  for (let all = done; !all; text += drain(peer).text) all = output.flush();
  return text;
};

describe('the sending half of a stream', () => {
  checkDescriptorsAfterEachTest();

  it.each<[string, string | Buffer, BufferEncoding, string]>([
    ['a buffer', bytes('buffer'), 'utf8', 'buffer'],
    ['nothing', bytes(''), 'utf8', ''],
    ['an empty string', '', 'utf8', ''],
    ['latin1', 'é', 'latin1', 'é'],
    ['hex', '6869', 'hex', 'hi'],
    ['base64', 'aGk=', 'base64', 'hi'],
    ['utf8', 'é', 'utf8', Buffer.from('é').toString('latin1')],
    ['a string of its own size', 'x'.repeat(30_000), 'utf8', 'x'.repeat(30_000)],
  ])('sends %s', (_name, chunk, encoding, expected) => {
    const [a, b] = pair();
    const output = new DuplexOutput(a);
    expect(finish(output, b, output.send(chunk, encoding))).toBe(expected);
    expect(output.bytesWritten).toBe(expected.length);
  });

  it('keeps what the socket does not take, whatever it is', () => {
    const data = pattern(2_000_000);
    for (const chunk of [data, data.toString('latin1')]) {
      const [a, b] = pair();
      const output = new DuplexOutput(a);
      expect(output.send(chunk, 'latin1')).toBe(false);
      expect(output.flush(), 'there is no room yet').toBe(false);
      expect(finish(output, b, false) === data.toString('latin1')).toBe(true);
      expect(output.bytesWritten).toBe(data.length);
    }
  });

  it('keeps small pieces that found no room, although their place is used again', () => {
    const [a, b] = pair();
    const [other] = pair();
    const sent = fill(a);
    const output = new DuplexOutput(a);
    expect(output.send('kept', 'utf8')).toBe(false);
    expect(new DuplexOutput(other).send('something else', 'utf8')).toBe(true);
    expect(finish(output, b, false).slice(sent)).toBe('kept');
    fill(a);
    const pieces = [bytes('a'), 'b', bytes('c')].map((chunk) => ({ chunk, encoding: 'utf8' as const }));
    expect(output.sendAll(pieces)).toBe(false);
    expect(new DuplexOutput(other).send('something else', 'utf8')).toBe(true);
    expect(finish(output, b, false).slice(-3)).toBe('abc');
  });

  it('puts pieces together in their order, small ones and large ones', () => {
    const large = Array.from({ length: 100 }, (_, i) => Buffer.alloc(30_000, String(i)));
    for (const chunks of [
      ['a', bytes('b'), 'é', bytes('')],
      ['start', ...large, 'end'],
      [bytes('x'), ...large],
    ]) {
      const [a, b] = pair();
      const output = new DuplexOutput(a);
      const done = output.sendAll(chunks.map((chunk) => ({ chunk, encoding: 'utf8' })));
      const expected = Buffer.concat(chunks.map((chunk) => Buffer.from(chunk as string))).toString('latin1');
      expect(finish(output, b, done) === expected).toBe(true);
    }
  });

  it('sends descriptors with their chunk, and closes its own of them', () => {
    const [a, b] = pair();
    const output = new DuplexOutput(a);
    const before = openDescriptors();
    const chunk = bytes('with');
    output.attach(chunk, keepDuplicates([0, 0]));
    expect(
      output.sendAll([
        { chunk: 'before ', encoding: 'utf8' },
        { chunk, encoding: 'utf8' },
      ]),
    ).toBe(true);
    expect(openDescriptors()).toEqual(before);
    expect(drain(b).text).toBe('before with');
  });

  it('closes the descriptors that it did not send', () => {
    const [a] = pair();
    fill(a);
    const output = new DuplexOutput(a);
    const before = openDescriptors();
    const chunk = bytes('x');
    output.attach(chunk, keepDuplicates([0]));
    expect(output.send(chunk, 'utf8')).toBe(false);
    output.discard();
    expect(openDescriptors()).toEqual(before);
    expect(output.flush()).toBe(true);
  });

  it('throws what send throws', () => {
    const [a, b] = pair();
    b.close();
    const output = new DuplexOutput(a);
    expectFdError(() => output.send(bytes('x'), 'utf8'), 'EPIPE', 'send');
    expectFdError(() => output.send('x', 'utf8'), 'EPIPE', 'send');
  });
});
