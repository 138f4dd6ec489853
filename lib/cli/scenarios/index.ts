import type { Scenario } from '../scenario.ts';
import { activeShare } from './active_share.ts';
import { churn } from './churn.ts';
import { dispatch } from './dispatch.ts';
import { dispatchChanges } from './dispatch_changes.ts';
import { echo } from './echo.ts';
import { idle } from './idle.ts';
import { pingPong } from './ping_pong.ts';

/** In the order in which they are measured. */
export const scenarios: readonly Scenario[] = [dispatch, dispatchChanges, activeShare, churn, pingPong, echo, idle];
