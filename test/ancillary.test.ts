import { describe, expect, it } from 'vitest';
import { ancillaryFrame, notLocal } from '../lib/ancillary.ts';
import type { Ancillary } from '../lib/index.ts';
import { CONTROL_DEFAULT, MessageFrame, REST } from '../lib/message_frame.ts';

const usual = new MessageFrame(CONTROL_DEFAULT);
const framed = (message: Ancillary) => ancillaryFrame(message, () => 7, usual);

describe('ancillaryFrame', () => {
  it.each<Ancillary>([
    {},
    { fds: [] },
    { control: [] },
    { ttl: undefined, pktinfo: undefined },
  ])('is none for %o: there is nothing to send', (message) => expect(framed(message)).toBeUndefined());

  it('takes the usual one where it has room, and leaves nothing in it from before', () => {
    expect(framed({ fds: [1, 2], ttl: 3, pktinfo: { interface: 1, local: '127.0.0.1' } })).toBe(usual);
    expect(usual.local()).toBe('127.0.0.1');
    expect([...usual.words.subarray(REST, REST + 2)]).toEqual([1, 2]);
    expect(framed({ pktinfo: { interface: 1 } })?.local()).toBe('');
  });

  it('takes a larger one when it has to', () => {
    const data = new Uint8Array(CONTROL_DEFAULT);
    const frame = framed({ control: [{ level: 1, type: 2, data }] });
    expect(frame).not.toBe(usual);
    expect(frame?.room).toBeGreaterThan(CONTROL_DEFAULT);
  });

  it('reads each property once, and the family only when it is needed', () => {
    let reads = 0;
    const message = {
      get ttl() {
        reads++;
        return 1;
      },
    };
    framed(message);
    expect(reads).toBe(1);
    const asked = () => expect.fail('nobody needs it');
    expect(ancillaryFrame({}, asked, usual)).toBeUndefined();
  });
});

it('notLocal says what was expected', () => {
  expect(notLocal('x')).toMatchObject({ code: 'ERR_INVALID_ARG_VALUE', message: expect.stringContaining("'x'") });
});
