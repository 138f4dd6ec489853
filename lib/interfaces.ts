import { native } from './binding.ts';
import { fromAnswer, orThrow } from './errors.ts';
import { BAD_ARGUMENT } from './native.ts';
import { integer, UINT32_MAX, wrongType, wrongValue } from './validate.ts';

/**
 * The index of a network interface, which addresses and options name it by (if_nametoindex(3)).
 * @throws FdError ENODEV (the BSDs: ENXIO) when there is none of that name.
 */
export function interfaceIndex(name: string): number {
  if (typeof name !== 'string') throw wrongType('name', 'a string', name);
  return orThrow(native.interfaceIndex(name));
}

/**
 * The name of a network interface (if_indextoname(3)).
 * @throws FdError ENXIO when there is none of that index.
 */
export function interfaceName(index: number): string {
  const answer = native.interfaceName(integer('index', index, 0, UINT32_MAX));
  if (typeof answer === 'number') throw fromAnswer(answer);
  return answer;
}

/**
 * The interface that an address names, by its index in digits or by its name.
 * @internal
 */
export function interfaceOf(name: string, text: string, expected: string, whole: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  const index = native.interfaceIndex(text);
  if (index > 0) return index;
  const error = index === BAD_ARGUMENT ? undefined : (fromAnswer(index) as Error & { code?: string });
  if (error !== undefined && error.code !== 'ENODEV' && error.code !== 'ENXIO') throw error;
  throw wrongValue(name, expected, whole);
}
