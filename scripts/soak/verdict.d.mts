/** A second of a run: counts since its start, latencies in ms and events of a batch of the last second. */
export interface SoakRecord {
  at: number;
  phase: string;
  fds: number;
  rss: number;
  cpu: number;
  connections: number;
  accepted: number;
  closed: number;
  refused: number;
  bytes: number;
  messages: number;
  latency: { p50: number; p90: number; p99: number; max: number };
  perBatch?: { mean: number; p50: number; p99: number; max: number };
}

export interface SoakResult {
  scenario: string;
  connections: number;
  places: number;
  seconds: number;
  exitCodes: (number | string)[];
  records: SoakRecord[];
  loads: {
    scenario: string;
    checked: number;
    wrong: number;
    missing: number;
    failed: number;
    failures: string[];
    unfinished: number;
    unserved: number;
    phases: Record<string, { count: number; p99: number }>;
  }[];
  server: {
    connections: number;
    accepted: number;
    closed: number;
    refused: number;
    fdsBefore: number;
    fdsAfter: number;
  };
}

export interface Verdict {
  what: string;
  ok: boolean;
  detail: string;
}

export declare function judge(result: SoakResult): Verdict[];
export declare function growth(records: readonly SoakRecord[], warmUp: number): { bytes: number; minutes: number };
