import type { Scenario } from '../scenario.ts';
import { dispatch } from './dispatch.ts';
import { echo } from './echo.ts';
import { echoLatency } from './echo_latency.ts';
import { pingPong } from './ping_pong.ts';
import { udpBatch } from './udp_batch.ts';

/** In the order in which they are measured. */
export const scenarios: readonly Scenario[] = [dispatch, pingPong, echo, echoLatency, udpBatch];
