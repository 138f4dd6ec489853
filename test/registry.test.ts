import { expect, it, onTestFinished } from 'vitest';
import type { Poller } from '../lib/poller.ts';
import { dismiss, enlist, leavePollers, onLeave } from '../lib/registry.ts';

/** As much of a poller as the registry uses. */
const enlisted = (): { left: number[]; reference: WeakRef<Poller<unknown>> } => {
  const left: number[] = [];
  const poller = { left, delete: (fd: number) => left.push(fd) > 0 };
  const reference = enlist(poller as unknown as Poller<unknown>);
  onTestFinished(() => {
    // Also what keeps the poller from being collected while the test runs.
    expect(reference.deref()).toBe(poller);
    dismiss(reference);
  });
  return { left, reference };
};

it('a descriptor leaves every poller that is enlisted', () => {
  const [a, b] = [enlisted(), enlisted()];
  leavePollers(7);
  leavePollers(8);
  expect([a.left, b.left]).toEqual([
    [7, 8],
    [7, 8],
  ]);
});

it('a poller that is dismissed is not asked any more, however often it is dismissed', () => {
  const [a, b] = [enlisted(), enlisted()];
  dismiss(a.reference);
  dismiss(a.reference);
  leavePollers(7);
  expect([a.left, b.left]).toEqual([[], [7]]);
});

it('who listens is told of a descriptor once it has left the pollers', () => {
  const { left } = enlisted();
  const seen: [number, number[]][] = [];
  const listener = (fd: number): void => void seen.push([fd, [...left]]);
  onLeave(listener);
  leavePollers(7);
  leavePollers(8);
  expect(seen).toEqual([
    [7, [7]],
    [8, [7, 8]],
  ]);
});
