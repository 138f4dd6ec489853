import { networkInterfaces } from 'node:os';
import { native } from '../../lib/binding.ts';

const [name = 'lo'] =
  Object.entries(networkInterfaces()).find(([, list]) => list?.some(({ internal }) => internal)) ?? [];

/** The loopback interface. */
export const loopback: { readonly name: string; readonly index: number } = {
  name,
  index: native.interfaceIndex(name),
};
