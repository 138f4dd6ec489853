import type { SoakRecord, Verdict } from './verdict.mjs';

export declare function rates(
  record: SoakRecord,
  previous?: SoakRecord,
): { bytes: number; messages: number; accepted: number; cores: number };
export declare function page(title: string, verdicts: readonly Verdict[], records: readonly SoakRecord[]): string;
