// What udp-batch measures, a process of its own: `udp_batch.js`. Descriptor 3 is the control socket: what it asks for is one
// JSON object a line (see CostsRequest), and its end is ours.
import { messageOf } from '../command.ts';
import { Control } from '../control.ts';
import { answerCosts, type CostsRequest } from '../datagrams/costs.ts';

const control = new Control();
control.tell({});
for (let request = control.next<CostsRequest>(); request; request = control.next<CostsRequest>()) {
  try {
    control.tell(await answerCosts(request));
  } catch (error) {
    control.tell({ error: messageOf(error) });
  }
}
