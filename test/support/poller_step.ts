import type fc from 'fast-check';
import type { FileModel } from './file_model.ts';
import type { PollerModel } from './poller_model.ts';

export type Step = fc.Command<PollerModel, object>;
/** Which of the open descriptors; there may be fewer by then. */
export type Pick = number;

/** A step without a descriptor; what holds at any time is looked at after each. */
export const step = (
  name: string,
  check: (model: PollerModel) => boolean,
  run: (model: PollerModel) => void,
): Step => ({
  check: (model) => check(model as PollerModel),
  run: (model) => {
    run(model);
    model.check();
  },
  toString: () => name,
});

const picked = (model: PollerModel, pick: Pick): [fd: number, file: FileModel] | undefined => {
  const entries = [...model.open];
  return entries[pick % Math.max(1, entries.length)];
};

/** A step that needs an open descriptor of which this is true. */
export const stepOn = (
  name: string,
  pick: Pick,
  fits: (file: FileModel, model: PollerModel) => boolean,
  run: (model: PollerModel, fd: number, file: FileModel) => void,
): Step =>
  step(
    `${name}(#${pick})`,
    (model) => {
      const found = picked(model, pick);
      return found !== undefined && fits(found[1], model);
    },
    (model) => {
      const [fd, file] = picked(model, pick) as [number, FileModel];
      run(model, fd, file);
    },
  );
