import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import { BATCH, NODE_DGRAM } from '../../../lib/cli/datagrams/costs.ts';
import { ProgramProcess } from '../../../lib/cli/program_process.ts';
import { READABLE, Socket, waitFor } from '../../../lib/index.ts';
import { built } from '../dist.ts';

describe('udp batch', () => {
  it('measures what it is asked for, and says what is not there', async () => {
    const program = new ProgramProcess(built('cli/udp_batch.js'));
    onTestFinished(() => program.close());
    await program.reply();
    for (const subject of [BATCH, NODE_DGRAM]) {
      const costs = await program.ask({ subject, batch: 1, ms: 1 });
      expect(costs).toEqual({ send: expect.any(Number), receive: expect.any(Number), cpu: expect.any(Number) });
    }
    await expect(program.ask({ subject: 'pigeons', batch: 1, ms: 1 })).rejects.toThrow("there is no 'pigeons'");
  });

  it('ends when the process that measures is gone', async () => {
    const [control, theirs] = Socket.pair();
    const child = spawn(process.execPath, [built('cli/udp_batch.js')], {
      stdio: ['ignore', 'ignore', 'inherit', theirs.fd],
    });
    theirs.close();
    const exited = once(child, 'exit');
    expect(waitFor(control, READABLE, 10_000)).not.toBe(0);
    control.close();
    expect(await exited).toEqual([0, null]);
  });
});
