import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ProgramProcess } from '../../../lib/cli/program_process.ts';
import { READABLE, Socket, waitFor } from '../../../lib/index.ts';
import { built } from '../dist.ts';
import { startScript, startServer } from '../load/peers.ts';

async function startLoad(): Promise<ProgramProcess> {
  const load = new ProgramProcess(built('cli/echo_load.js'));
  onTestFinished(() => load.close());
  await load.reply();
  return load;
}

describe('echo load', () => {
  it('does what it is asked for, one request after another', async () => {
    const { addresses } = await startServer('poll', ['unix']);
    const load = await startLoad();
    const target = { transport: 'unix', address: addresses.unix, connections: 8, bytes: 64 };
    expect(await load.ask({ open: 'a', target })).toEqual({});
    expect(await load.ask({ closed: 'a', ms: 10 })).toMatchObject({ messages: expect.any(Number) });
    expect(await load.ask({ fixed: 'a', ms: 10, rate: 1000 })).toMatchObject({ messages: 10, lost: 0 });
    expect(await load.ask({ close: 'a' })).toEqual({});
  });

  it('says what went wrong, and goes on', async () => {
    const load = await startLoad();
    const target = { transport: 'tcp', address: '127.0.0.1:1', connections: 1, bytes: 64 };
    await expect(load.ask({ open: 'a', target })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(await load.ask({ close: 'a' })).toEqual({});
  });

  it('ends in the middle of a slice when the process that measures is gone', async () => {
    const address = await startScript('');
    const [control, theirs] = Socket.pair();
    const child = spawn(process.execPath, [built('cli/echo_load.js')], {
      stdio: ['ignore', 'ignore', 'inherit', theirs.fd],
    });
    theirs.close();
    const exited = once(child, 'exit');
    const target = { transport: 'tcp', address, connections: 1, bytes: 64 };
    control.send(Buffer.from(`${JSON.stringify({ open: 'a', target })}\n`));
    const buffer = Buffer.alloc(64);
    // One answer when it has started, and one when it is connected.
    for (let lines = 0; lines < 2; ) {
      // The server answers in another process; this one has nothing else to do.
      if (waitFor(control, READABLE, 10_000) === 0) throw new Error('no answer');
      const bytes = control.recv(buffer);
      lines += buffer.toString('utf8', 0, bytes).split('\n').length - 1;
    }
    control.send(Buffer.from(`${JSON.stringify({ fixed: 'a', ms: 600_000, rate: 1 })}\n`));
    control.close();
    expect(await exited).toEqual([0, null]);
  });
});
