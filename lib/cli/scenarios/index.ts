import type { Scenario } from '../scenario.ts';
import { accept } from './accept.ts';
import { dispatch } from './dispatch.ts';
import { echo } from './echo.ts';
import { pingPong } from './ping_pong.ts';
import { timers } from './timers.ts';
import { wakeUp } from './wake_up.ts';

/** In the order in which they are measured. */
export const scenarios: readonly Scenario[] = [dispatch, pingPong, wakeUp, timers, echo, accept];
