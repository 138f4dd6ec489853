import type { Scenario } from '../scenario.ts';
import { accept } from './accept.ts';
import { activeShare } from './active_share.ts';
import { churn } from './churn.ts';
import { dispatch } from './dispatch.ts';
import { dispatchChanges } from './dispatch_changes.ts';
import { echo } from './echo.ts';
import { echoLatency } from './echo_latency.ts';
import { idle } from './idle.ts';
import { pingPong } from './ping_pong.ts';
import { timers } from './timers.ts';
import { udpBatch } from './udp_batch.ts';
import { wakeUp } from './wake_up.ts';

/** In the order in which they are measured. */
export const scenarios: readonly Scenario[] = [
  dispatch,
  dispatchChanges,
  activeShare,
  churn,
  pingPong,
  wakeUp,
  timers,
  echo,
  echoLatency,
  udpBatch,
  accept,
  idle,
];
