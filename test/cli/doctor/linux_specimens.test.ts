import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { linuxKinds, processKind, signalKind } from '../../../lib/cli/doctor/linux_specimens.ts';
import { ownDescriptors } from '../../../lib/cli/doctor/own_descriptors.ts';
import { settle } from '../../../lib/cli/doctor/settle.ts';
import { READABLE, WRITABLE, waitFor } from '../../../lib/index.ts';
import { checkDescriptorsAfterEachTest } from '../../support/descriptors.ts';

const directories = () => readdirSync(tmpdir()).filter((name) => name.startsWith('fdpoll-doctor-'));

describe.skipIf(process.platform !== 'linux')('the kinds that Linux has', () => {
  checkDescriptorsAfterEachTest();

  it.each(['timerfd', 'inotify', 'pidfd'])('%s: opens, and is readable only after its stimulus', async (name) => {
    const before = directories();
    const specimen = linuxKinds.find((kind) => kind.name === name)?.open();
    expect(waitFor(specimen?.fd ?? -1, READABLE, 0)).toBe(0);
    specimen?.stimulate?.();
    expect(settle(specimen?.fd ?? -1)).toBe(true);
    await specimen?.close();
    expect(directories()).toEqual(before);
  });

  it('pidfd: kills nobody where no process could be started', async () => {
    const child = Object.assign(new EventEmitter(), { pid: undefined, kill: () => expect.fail('killed') });
    expect(() => processKind(() => child as unknown as ChildProcess).open()).toThrow('no process could be started');
    // Node tells it later, and an error that nobody hears ends the process.
    child.emit('error', new Error('spawn EMFILE'));
  });

  it('pidfd: survives a program that is not there', async () => {
    const child = spawn('/nonexistent/program');
    const told = once(child, 'error');
    expect(() => processKind(() => child).open()).toThrow('no process could be started');
    await expect(told).resolves.toMatchObject([{ code: 'ENOENT' }]);
  });

  it('signalfd: is one, and tells of nothing where no signal is blocked', async () => {
    const specimen = signalKind().open();
    expect(ownDescriptors().get(specimen.fd)).toBe('anon_inode:[signalfd]');
    expect(waitFor(specimen.fd, READABLE | WRITABLE, 0)).toBe(0);
    await specimen.close();
  });

  it('signalfd: says why there is none', () => {
    expect(() => signalKind('/nonexistent/python').open()).toThrow(/takes \/nonexistent\/python, which cannot be run/);
    expect(() => signalKind('false').open()).toThrow('false ended with 1');
    expect(() => signalKind('true').open()).toThrow('none came');
  });
});
