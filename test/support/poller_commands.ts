import fc from 'fast-check';
import { expect } from 'vitest';
import {
  dup,
  eventfd,
  type FdError,
  type Mode,
  pipe,
  READ_CLOSED,
  READABLE,
  read,
  Socket,
  WRITABLE,
  write,
} from '../../lib/index.ts';
import { expectFdError } from './expect.ts';
import { FileModel } from './file_model.ts';
import type { PollerModel } from './poller_model.ts';
import { type Pick, type Step, step, stepOn } from './poller_step.ts';

const linux = process.platform === 'linux';
const OPEN_MAX = 12;
// A unix socket stops being writable before it is full: by the number of buffers more than of bytes.
const WRITES_MAX = 16;
const all = Buffer.alloc(65536, 'f');

/** Every eventfd is the same file to fstat(2). */
const anonymous = {};

const hasRoom = (model: PollerModel, more = 2): boolean => model.open.size + more <= OPEN_MAX;

const openPipe = (): Step =>
  step('pipe()', hasRoom, (model) => {
    const numbers = pipe();
    // Both ends of a pipe are one inode.
    const files = FileModel.connected(['pipe-read', 'pipe-write'], true);
    for (const i of [0, 1] as const) model.open.set(numbers[i], files[i]);
  });

const openPair = (): Step =>
  step('Socket.pair()', hasRoom, (model) => {
    const numbers = Socket.pair().map((socket) => socket.detach()) as [number, number];
    model.leave(...numbers);
    const files = FileModel.connected(['stream', 'stream'], false);
    for (const i of [0, 1] as const) model.open.set(numbers[i], files[i]);
  });

const openEventfd = (): Step =>
  step('eventfd()', hasRoom, (model) => {
    model.open.set(eventfd(), new FileModel('eventfd', anonymous));
  });

const duplicate = (pick: Pick): Step =>
  stepOn(
    'dup',
    pick,
    (_, model) => hasRoom(model, 1),
    (model, fd, file) => {
      model.open.set(dup(fd), file);
      file.opens++;
    },
  );

const closeStep = (pick: Pick, told: boolean): Step =>
  stepOn(
    told ? 'close' : 'closeSync',
    pick,
    () => true,
    (model, fd, file) => model.close(fd, file, told),
  );

const addStep = (pick: Pick, interest: number, mode: Mode): Step =>
  stepOn(
    `add ${interest} ${mode}`,
    pick,
    () => true,
    (model, fd, file) => model.add(fd, interest & file.interests, mode),
  );

const modifyStep = (pick: Pick, interest: number, mode: Mode | undefined, relabel: boolean): Step =>
  stepOn(
    `modify ${interest} ${mode}${relabel ? ' relabelled' : ''}`,
    pick,
    () => true,
    (model, fd, file) => model.modify(fd, interest & file.interests, mode, relabel),
  );

/** Of a number that nobody has open. */
const onNumber = (fd: number, what: 'add' | 'modify' | 'delete'): Step =>
  step(
    `${what} of number ${fd}`,
    () => true,
    (model) => {
      if (what === 'add') model.add(fd, READABLE, 'level');
      else if (what === 'modify') model.modify(fd, READABLE, undefined, false);
      else model.delete(fd);
    },
  );

const deleteStep = (pick: Pick): Step =>
  stepOn(
    'delete',
    pick,
    () => true,
    (model, fd) => model.delete(fd),
  );

/** A number that was closed behind the poller's back, and has nobody yet. */
const deleteGone = (): Step =>
  step(
    'delete all that is closed',
    (model) => model.gone().length > 0,
    (model) => {
      for (const fd of model.gone()) model.delete(fd);
    },
  );

const writeStep = (pick: Pick, size: number): Step =>
  stepOn(
    `write ${size}`,
    pick,
    (file) => file.takes && !file.full && (file.other ?? file).writes < WRITES_MAX,
    (model, fd, file) => {
      if (file.kind === 'eventfd') {
        expect(write(fd, new BigUint64Array([1n]))).toBe(8);
        file.bytes = 8;
        model.touch(file, READABLE);
        return;
      }
      if (file.alone || file.shut) {
        expectFdError(() => write(fd, all, 0, size), 'EPIPE');
        return;
      }
      expect(write(fd, all, 0, size)).toBe(size);
      const to = file.other as FileModel;
      to.bytes += size;
      to.writes++;
      model.touch(to, READABLE);
    },
  );

const fillStep = (pick: Pick): Step =>
  stepOn(
    'fill',
    pick,
    (file) => linux && file.takes && file.kind !== 'eventfd' && !file.full && !file.alone && !file.shut,
    (model, fd, file) => {
      const to = file.other as FileModel;
      for (let sent = write(fd, all); sent > 0; sent = write(fd, all)) to.bytes += sent;
      file.full = true;
      model.touch(to, READABLE);
    },
  );

/** What a call returns, or the code of its error. */
const codeOr = (call: () => number): number | string | undefined => {
  try {
    return call();
  } catch (error) {
    return (error as FdError).code;
  }
};

/** What read(2) has to give for a buffer of this size. */
const readOnce = (model: PollerModel, fd: number, file: FileModel, size: number): void => {
  const buffer = Buffer.alloc(size);
  if (file.kind === 'eventfd') {
    expect(read(fd, buffer)).toBe(file.bytes > 0 ? 8 : -1);
    file.bytes = 0;
  } else if (file.bytes > 0) {
    const expected = Math.min(size, file.bytes);
    expect(read(fd, buffer)).toBe(expected);
    file.bytes -= expected;
  } else if (file.reset && model.backend.differs('socket errors after the event')) {
    // Still there, or taken with an event.
    expect(['ECONNRESET', 0]).toContain(codeOr(() => read(fd, buffer)));
    file.reset = false;
  } else if (file.reset) {
    expectFdError(() => read(fd, buffer), 'ECONNRESET');
    file.reset = false;
  } else expect(read(fd, buffer)).toBe(file.ended ? 0 : -1);
  if (file.bytes === 0) file.writes = 0;
};

const readStep = (pick: Pick, size: number): Step =>
  stepOn(
    `read ${size}`,
    pick,
    // Whether a little room is enough to be writable again is the kernel's to say.
    (file) => file.reads && file.other?.full !== true,
    (model, fd, file) => readOnce(model, fd, file, size),
  );

const drainStep = (pick: Pick): Step =>
  stepOn(
    'drain',
    pick,
    (file) => file.reads,
    (model, fd, file) => {
      do readOnce(model, fd, file, 65536);
      while (file.bytes > 0);
      if (file.other === undefined || !file.other.full) return;
      file.other.full = false;
      model.touch(file.other, WRITABLE);
    },
  );

const shutdownStep = (pick: Pick): Step =>
  stepOn(
    'shutdown',
    pick,
    (file, model) => file.kind === 'stream' && !file.alone && hasRoom(model, 1),
    (model, fd, file) => {
      const copy = dup(fd);
      const socket = Socket.fromFd(copy);
      socket.shutdown('write');
      socket.close();
      model.leave(copy);
      file.shut = true;
      model.touch(file.other, READABLE | READ_CLOSED);
    },
  );

const waitStep = (): Step =>
  step(
    'wait',
    () => true,
    (model) => model.wait(),
  );
const wakeStep = (): Step =>
  step(
    'wake',
    () => true,
    (model) => model.wake(),
  );
const renewStep = (): Step =>
  step(
    'close the poller',
    () => true,
    (model) => model.renew(),
  );

const pick = fc.nat({ max: OPEN_MAX - 1 });
const interest = fc.constantFrom(READABLE, WRITABLE, READABLE | WRITABLE, 0);
const mode = fc.constantFrom<Mode>('level', 'level', 'oneshot', 'edge', 'edge-oneshot');
const size = fc.integer({ min: 8, max: 200 });
const times = (count: number, arbitrary: fc.Arbitrary<Step>): fc.Arbitrary<Step>[] => Array(count).fill(arbitrary);

/** Any sequence of what can be done with a poller and its descriptors; often a wait. */
export const pollerSteps = (most: number): fc.Arbitrary<Iterable<Step>> =>
  fc.commands(
    [
      fc.constant(openPipe()),
      fc.constant(openPair()),
      ...(linux ? [fc.constant(openEventfd())] : []),
      ...times(
        6,
        fc.tuple(pick, interest, mode).map((drawn) => addStep(...drawn)),
      ),
      ...times(
        3,
        fc
          .tuple(pick, interest, fc.option(mode, { nil: undefined }), fc.boolean())
          .map((drawn) => modifyStep(...drawn)),
      ),
      ...times(2, pick.map(deleteStep)),
      fc.constant(deleteGone()),
      fc
        .tuple(fc.constantFrom(900, 901), fc.constantFrom('add' as const, 'modify' as const, 'delete' as const))
        .map((drawn) => onNumber(...drawn)),
      pick.map(duplicate),
      ...times(
        2,
        pick.map((which) => closeStep(which, true)),
      ),
      pick.map((which) => closeStep(which, false)),
      ...times(
        4,
        fc.tuple(pick, size).map((drawn) => writeStep(...drawn)),
      ),
      ...times(
        2,
        fc.tuple(pick, size).map((drawn) => readStep(...drawn)),
      ),
      ...times(2, pick.map(drainStep)),
      pick.map(fillStep),
      pick.map(shutdownStep),
      ...times(8, fc.constant(waitStep())),
      fc.constant(wakeStep()),
      fc.constant(renewStep()),
    ],
    { maxCommands: most, size: 'max' },
  );
