import * as v from 'valibot';
import { backend, environment } from '../results.ts';

/** What `fdpoll doctor --json` writes. */
export const DIAGNOSIS_VERSION = 1;

const flags = v.array(v.picklist(['readable', 'writable', 'priority', 'read-closed', 'write-closed', 'error']));

const trial = v.pipe(
  v.object({
    works: v.boolean(),
    problem: v.optional(v.pipe(v.string(), v.description('What failed, and what it comes from.'))),
    remedy: v.optional(v.pipe(v.string(), v.description('What to do about it.'))),
  }),
  v.description('What became of trying it.'),
);

const backendCheck = v.object({
  ...backend.entries,
  wait: v.optional(v.pipe(trial, v.description('A pipe with a byte in it, waited for. Only of a usable backend.'))),
  loop: v.optional(v.pipe(trial, v.description("The same by the runtime's event loop. Only where that can be."))),
  thread: v.optional(v.pipe(trial, v.description('The same by a helper thread.'))),
  lacks: v.pipe(v.array(v.string()), v.description('What this kernel or sandbox takes from the backend.')),
});

const cell = v.object({
  backend: backend.entries.name,
  refused: v.optional(v.pipe(v.string(), v.description('The code of the error that registering it threw.'))),
  before: v.pipe(flags, v.description('What was reported before anything was done to it.')),
  after: v.pipe(flags, v.description('What was reported after the stimulus.')),
});

const descriptorKind = v.object({
  kind: v.string(),
  stimulus: v.optional(v.pipe(v.string(), v.description('What was done to make it readable.'))),
  missing: v.optional(v.pipe(v.string(), v.description('Why there was none to try.'))),
  plain: v.optional(v.pipe(flags, v.description('What poll(2) without a poller said in the end: waitFor.'))),
  cells: v.array(cell),
});

const limit = v.object({
  name: v.string(),
  value: v.union([v.number(), v.string()]),
  bounds: v.pipe(v.string(), v.description('What there can be so many of.')),
  why: v.pipe(v.string(), v.description('What happens when it is reached.')),
  verdict: v.picklist(['ok', 'low', 'will bite']),
  remedy: v.optional(v.pipe(v.string(), v.description('A command, or the setting that is to be changed.'))),
});

/** The shape of what `fdpoll doctor --json` writes. */
export const diagnosisSchema = v.object({
  version: v.literal(DIAGNOSIS_VERSION),
  healthy: v.pipe(
    v.boolean(),
    v.description('The default backend works, waited for and hosted; the exit status is 0.'),
  ),
  environment: v.pipe(environment, v.description('As in the results of compare.')),
  addon: v.object({ loads: v.boolean(), problem: v.optional(v.string()) }),
  seccomp: v.pipe(v.boolean(), v.description('A seccomp filter is active in this process.')),
  backends: v.array(backendCheck),
  descriptors: v.array(descriptorKind),
  limits: v.array(limit),
});

export type Diagnosis = v.InferOutput<typeof diagnosisSchema>;
export type Trial = v.InferOutput<typeof trial>;
export type BackendCheck = v.InferOutput<typeof backendCheck>;
export type DescriptorKind = v.InferOutput<typeof descriptorKind>;
export type Cell = v.InferOutput<typeof cell>;
export type FlagName = Cell['before'][number];
export type Limit = v.InferOutput<typeof limit>;
