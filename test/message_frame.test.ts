import { describe, expect, it } from 'vitest';
import { FdError } from '../lib/index.ts';
import { MessageFrame } from '../lib/message_frame.ts';

/** A frame in which these words are set. */
const frameOf = (words: Record<number, number>, room = 64): MessageFrame => {
  const frame = new MessageFrame(room);
  for (const [index, value] of Object.entries(words)) frame.words[Number(index)] = value;
  return frame;
};

describe('MessageFrame', () => {
  it('of nothing is a message of bytes alone', () => {
    expect(new MessageFrame(0).message(5, 3)).toEqual({
      bytes: 5,
      fds: [],
      flags: 0,
      truncated: false,
      controlTruncated: false,
    });
  });

  it('has room for what it was made for, of any size', () => {
    for (const room of [0, 1, 3, 4, 1000]) {
      const frame = new MessageFrame(room);
      expect(frame.bytes.length).toBe(448 + room + 8);
      expect(frame.bytes.every((byte) => byte === 0)).toBe(true);
    }
  });

  it('gives numbers unsigned, and times as bigint', () => {
    const frame = frameOf({ 0: 1 | 2 | 16 | 32, 6: 7, 7: -2, 8: -1, 9: -3, 12: -4 });
    new BigInt64Array(frame.words.buffer, 56, 1)[0] = 1_700_000_000_123_456_789n;
    expect(frame.message(1, 3)).toMatchObject({
      credentials: { pid: 7, uid: 0xfffffffe, gid: 0xffffffff },
      pktinfo: { interface: 0xfffffffd },
      segmentSize: 0xfffffffc,
      timestamp: 1_700_000_000_123_456_789n,
    });
  });

  it('gives descriptors first, then the items that have no name', () => {
    const frame = frameOf({ 4: 2, 5: 12 + 8 + 12, 112: 41, 113: 42, 114: 1, 115: 99, 116: 5, 119: 6, 120: -1 });
    frame.words[117] = 0x04030201;
    frame.words[118] = 0x05;
    expect(frame.message(1, 3)).toMatchObject({
      fds: [41, 42],
      control: [
        { level: 1, type: 99, data: new Uint8Array([1, 2, 3, 4, 5]) },
        { level: 6, type: -1, data: new Uint8Array(0) },
      ],
    });
  });

  it('makes an error of an entry of the error queue, and of an origin that is new a number', () => {
    const message = frameOf({ 0: 64, 17: 111, 18: 9, 19: 3, 20: 1, 21: -1 }).message(0, 3);
    expect(message.extendedError).toEqual({ origin: 9, type: 3, code: 1, info: 0xffffffff, data: 0 });
    expect(message.error).toBeInstanceOf(FdError);
    expect(message.error).toMatchObject({ errno: -111, syscall: 'recvmsg', fd: 3 });
  });

  it('makes a range of a completion, whose numbers wrap at 2³²', () => {
    const message = frameOf({ 0: 64, 18: 5, 20: 1, 21: -2, 22: 1 }).message(0, 3);
    expect(message.zerocopy).toEqual({ from: 0xfffffffe, to: 1, copied: true });
    expect(message).not.toHaveProperty('error');
  });
});
