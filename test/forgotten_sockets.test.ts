import { expect, it, onTestFinished, vi } from 'vitest';
import { native } from '../lib/binding.ts';
import { letGo, watchOver } from '../lib/forgotten_sockets.ts';
import { CLOSED_HANDLE } from '../lib/native.ts';
import { typeNumber } from '../lib/socket_kinds.ts';

/** A pair of handles, without a Socket around them. */
const handles = (): [number, number] => {
  const answer = native.openSocketPair(typeNumber('stream'));
  if (typeof answer === 'number') return expect.fail(`the addon answers ${answer}`);
  onTestFinished(() => {
    for (const handle of answer) native.closeSocket(handle);
  });
  return answer;
};

const isOpen = (handle: number): boolean => native.socketFd(handle) !== CLOSED_HANDLE;

const collect = async (until: () => boolean): Promise<void> => {
  const { gc } = globalThis;
  for (let round = 0; round < 200 && !until(); round++) {
    gc?.();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
};

it('what is collected while open is closed, with one warning for all; what was let go is left alone', async () => {
  const warn = vi.spyOn(process, 'emitWarning').mockReturnValue();
  onTestFinished(() => warn.mockRestore());

  const [[a, b], [other]] = [handles(), handles()];
  (() => {
    watchOver({}, a);
    watchOver({}, b);
    const closed = {};
    watchOver(closed, other);
    letGo(closed);
  })();
  const descriptors = [native.socketFd(a), native.socketFd(b)];
  await collect(() => !isOpen(a) && !isOpen(b));

  expect([a, b, other].map(isOpen)).toEqual([false, false, true]);
  expect(warn).toHaveBeenCalledExactlyOnceWith(expect.any(String), { code: 'FDPOLL_SOCKET_COLLECTED' });
  const [, named] = /descriptor (\d+) was closed; call close\(\)/.exec(String(warn.mock.calls[0]?.[0])) ?? [];
  expect(descriptors).toContain(Number(named));
});
