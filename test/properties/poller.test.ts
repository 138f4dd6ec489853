import fc from 'fast-check';
import { describeEachBackend } from '../support/backends.ts';
import { pollerSteps } from '../support/poller_commands.ts';
import { PollerModel } from '../support/poller_model.ts';
import { holds } from '../support/properties.ts';

describeEachBackend('a poller', (backend) => {
  holds(
    'reports what a model of it says, whatever is done with it and its descriptors',
    fc.property(pollerSteps(60), (steps) => {
      const model = new PollerModel(backend);
      try {
        fc.modelRun(() => ({ model, real: {} }), steps);
        model.wait();
      } finally {
        model.end();
      }
    }),
    400,
  );
});
