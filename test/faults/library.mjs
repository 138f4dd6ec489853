// The built library, and the addon that makes the calls of its addon fail.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

export const library = await import(process.env.FDPOLL_LIBRARY);
// Loads the addon, which is there to be looked at then.
library.backends();

export const faults = require(process.env.FDPOLL_FAULTS);
/** What the addon imports: 'fails' when it is asked to, 'counted', or 'left' alone. */
export const imports = faults.install('/fdpoll.node');
