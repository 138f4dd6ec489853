import { closeSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { constants, FdError, type OptionValue, type Socket } from '../../lib/index.ts';
import { findOption, OPTION_GROUPS, type Option } from '../../lib/option_table.ts';
import { checkDescriptorsAfterEachTest } from '../support/descriptors.ts';
import { expectFdError, thrownBy } from '../support/expect.ts';
import {
  mayAdmin,
  mayRaw,
  RARE_SOCKETS,
  RAW_SOCKETS,
  type Sample,
  SOCKETS,
  type SocketName,
  socketFor,
} from '../support/option_samples.ts';
import { LINUX_SAMPLES } from '../support/option_samples_linux.ts';
import { LINUX_SAMPLES_MORE } from '../support/option_samples_linux_more.ts';
import { closing } from '../support/sockets.ts';

const onLinux = process.platform === 'linux';
const samples: Readonly<Record<string, Sample>> = { ...LINUX_SAMPLES, ...LINUX_SAMPLES_MORE };

/** Something that the type takes. */
const anyValue = ({ type }: Option): OptionValue => {
  const group = '239.0.0.1';
  const candidates = [true, 1, Buffer.alloc(8), 'lo', { on: true, seconds: 1 }, { group, source: group }, []];
  const taken = candidates.find((value) => {
    try {
      type.encode(value);
      return true;
    } catch {
      return false;
    }
  });
  return taken ?? expect.fail(`nothing fits ${type.takes}`);
};

/** The socket, or nothing when this machine refuses it as it should. */
const open = (name: SocketName): Socket | undefined => {
  const make = SOCKETS[name] ?? expect.fail(`no socket ${name}`);
  try {
    return closing(make());
  } catch (error) {
    expect(error).toBeInstanceOf(FdError);
    const { code, syscall } = error as FdError;
    const refused = [...(RARE_SOCKETS[name] ?? []), ...(RAW_SOCKETS.includes(name) && !mayRaw ? ['EPERM'] : [])];
    expect([syscall, refused]).toEqual(['socket', expect.arrayContaining([code])]);
    return undefined;
  }
};

interface Outcome {
  readonly value?: unknown;
  readonly code?: string;
}

/** What a call answers; it fails as system calls do, and its error names the option. */
const outcome = (name: string, syscall: string, call: () => unknown): Outcome => {
  try {
    return { value: call() };
  } catch (error) {
    expect(error, name).toBeInstanceOf(FdError);
    const { code, message, syscall: failed } = error as FdError;
    expect([failed, message]).toEqual([syscall, expect.stringContaining(`(${name})`)]);
    return { code };
  }
};

const read = (socket: Socket, { name }: Option): Outcome =>
  outcome(name, 'getsockopt', () => {
    const value = socket.getOption(name);
    // Installed in this process by the kernel.
    if (name === 'SO_PEERPIDFD') closeSync(value as number);
    return value;
  });

/** What it fails with: this, or, when it may fail, one of those. True when it worked. */
const expected = (what: string, { code }: Outcome, fails: string | undefined, may: readonly string[] = []): boolean => {
  const codes = [...(fails === undefined ? ['no error'] : [fails]), ...may];
  expect(codes, `${what} answers ${code}`).toContain(code ?? 'no error');
  return code === undefined;
};

const checkHere = (socket: Socket, option: Option, sample: Sample): void => {
  const before = option.readable ? read(socket, option) : {};
  const readable = option.readable && expected('reading', before, sample.readFails, sample.mayFail);
  expect(before.value !== undefined).toBe(readable);
  if (!option.writable) return;
  const standard = before.value === false || before.value === undefined ? true : before.value;
  const value = 'value' in sample ? sample.value : (standard as OptionValue);
  const set = outcome(option.name, 'setsockopt', () => socket.setOption(option.name, value as OptionValue));
  const forbidden = mayAdmin ? undefined : sample.admin;
  if (!expected('setting', set, forbidden ?? sample.setFails, sample.mayFail) || !readable) return;
  const after = read(socket, option);
  if ('answer' in sample && sample.answer === undefined) expect(after.code).toBeUndefined();
  else expect(after).toEqual({ value: 'answer' in sample ? sample.answer : value });
};

/** Elsewhere than on Linux what was read is set: the same again, or an error of the system. */
const checkElsewhere = (socket: Socket, option: Option): void => {
  const before: Outcome = option.readable ? read(socket, option) : {};
  expect(before.code ?? '').toMatch(/^(E[A-Z]+)?$/);
  if (!option.writable) return;
  const value = (before.value ?? anyValue(option)) as OptionValue;
  const set = outcome(option.name, 'setsockopt', () => socket.setOption(option.name, value));
  if (set.code === undefined && before.code === undefined && option.readable)
    expect(read(socket, option).code).toBeUndefined();
  else expect(set.code ?? '').toMatch(/^(E[A-Z]+)?$/);
};

const checkLacking = (socket: Socket, option: Option): void => {
  const says = new RegExp(`\\(this system has no ${option.name}\\)$`);
  if (option.readable)
    expect(expectFdError(() => socket.getOption(option.name), 'ENOPROTOOPT', 'getsockopt').message).toMatch(says);
  if (option.writable) {
    const value = anyValue(option);
    expect(expectFdError(() => socket.setOption(option.name, value), 'ENOPROTOOPT', 'setsockopt').message).toMatch(
      says,
    );
  }
};

describe.each(OPTION_GROUPS.map((group) => [group.title, group] as const))('%s', (title, { rows }) => {
  checkDescriptorsAfterEachTest();

  it.each(rows.map(([name]) => name))('%s is read and set, or the system says why not', (name) => {
    const option = findOption(name) ?? expect.fail(`${name} is in the table`);
    if (constants[name] === undefined || constants[option.level] === undefined)
      return checkLacking(closing((SOCKETS.udp as () => Socket)()), option);
    const sample = onLinux ? (samples[name] ?? {}) : {};
    const socket = open(sample.on ?? socketFor(title));
    if (socket === undefined) return;
    if (onLinux) checkHere(socket, option, sample);
    else checkElsewhere(socket, option);
  });

  it.each(
    rows.filter(([, , access]) => access !== undefined).map(([name, , access]) => [name, access] as const),
  )('%s, for %s alone, refuses the other way and says so', (name, access) => {
    const socket = closing((SOCKETS.udp as () => Socket)());
    const call = access === 'read' ? () => socket.setOption(name, 1) : () => socket.getOption(name);
    const error = thrownBy(call) as Error & { code?: string };
    expect([error.name, error.code]).toEqual(['TypeError', 'ERR_INVALID_ARG_VALUE']);
    expect(error.message).toMatch(access === 'read' ? /can be set, not only read/ : /can be read, not only set/);
  });
});

it('every sample is of an option in the table', () => {
  expect(Object.keys(samples).filter((name) => findOption(name) === undefined)).toEqual([]);
});
