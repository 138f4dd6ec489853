import { describe, expect, it } from 'vitest';
import { FdError } from '../lib/index.ts';
import { prepareMessage, receiveMessage, receiveOptions, sendMessage, waits } from '../lib/message.ts';
import { systemNumber } from '../lib/socket_kinds.ts';
import { checkDescriptorsAfterEachTest } from './support/descriptors.ts';
import { expectClosed, expectWrongType, thrownBy } from './support/expect.ts';
import { closingFd } from './support/messages.ts';
import { bytes, pair } from './support/sockets.ts';

describe('messages', () => {
  checkDescriptorsAfterEachTest();

  it('are prepared once and sent as often as it takes', () => {
    const [a, b] = pair();
    const prepared = prepareMessage(a, bytes('x'), { fds: [a.fd] });
    for (let i = 0; i < 2; i++) expect(sendMessage(a, prepared)).toBe(1);
    for (let i = 0; i < 2; i++) {
      const message = receiveMessage(b, Buffer.alloc(1), receiveOptions(undefined));
      expect(message?.fds).toHaveLength(1);
      for (const fd of message?.fds ?? []) closingFd(fd);
    }
  });

  it('that the kernel refuses for their descriptors say how many there may be; others do not', () => {
    const [a] = pair();
    const error = thrownBy(() => sendMessage(a, prepareMessage(a, [], { fds: [a.fd] }))) as FdError;
    expect(error).toBeInstanceOf(FdError);
    expect(error).toMatchObject({ code: 'EINVAL', syscall: 'sendmsg', fd: a.fd });
    expect(error.message).toMatch(/^sendmsg EINVAL: invalid argument \(.*253/);
  });

  it('of a closed socket are not prepared', () => {
    const [a] = pair();
    a.close();
    expectClosed(() => prepareMessage(a, [], { ttl: 1 }));
    expectWrongType(() => prepareMessage(a, [], null as unknown as object));
  });

  it('wait only with a timeout, and never for the error queue', () => {
    const [a] = pair();
    expect(waits(a, 0)).toBe(false);
    a.timeout = 1;
    expect(waits(a, 0)).toBe(true);
    expect(waits(a, systemNumber('MSG_DONTWAIT'))).toBe(false);
    if (process.platform === 'linux') expect(waits(a, systemNumber('MSG_ERRQUEUE'))).toBe(false);
  });

  it('have control space for 253 descriptors and everything else when nothing is said', () => {
    expect(receiveOptions(undefined)).toEqual(receiveOptions({}));
    expect(receiveOptions(undefined).controlSize).toBeGreaterThan(253 * 4 + 500);
  });
});
