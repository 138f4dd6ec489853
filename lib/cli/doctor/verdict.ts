import { formatCount } from '../format.ts';
import type { Limit } from './diagnosis.ts';

/** Up to which value a limit is what. */
export interface Thresholds {
  /** Below it programs run into the limit in ordinary use. */
  readonly bitesBelow: number;
  /** Below it they run into it under load. */
  readonly lowBelow: number;
}

export function verdictOf(value: number, { bitesBelow, lowBelow }: Thresholds): Limit['verdict'] {
  if (value < bitesBelow) return 'will bite';
  return value < lowBelow ? 'low' : 'ok';
}

/** By how much of something is in use already. */
export function verdictOfUse(current: number, max: number): Limit['verdict'] {
  if (current > max * 0.9) return 'will bite';
  return current > max * 0.6 ? 'low' : 'ok';
}

/** Drops the remedy of what needs none. */
export function limitOf(limit: Limit): Limit {
  const { remedy, ...rest } = limit;
  return limit.verdict === 'ok' || remedy === undefined ? rest : { ...rest, remedy };
}

/** The kernel says "as many as you like" by the greatest number that it can write down. */
const ENDLESS = 2 ** 62;

/** A limit for people: 65,536; `unlimited`. */
export function formatLimit(value: Limit['value']): string {
  if (typeof value === 'string') return value;
  return value >= ENDLESS ? 'unlimited' : formatCount(value);
}
