import { native } from './binding.ts';
import { systemError } from './errors.ts';
import type { FdError } from './fd_error.ts';
import { checked, handleOf, SocketHandle } from './socket_handle.ts';
import { type Bytes, wrongValue } from './validate.ts';

/** What options are made of: see `setOption`. */
export type OptionValue = boolean | number | string | Readonly<Record<string, unknown>> | Bytes;

/** The part of `Socket` that asks and sets options. */
export class OptionSocket extends SocketHandle {
  /** By name, or by this system's own numbers. */
  setOption(name: string, value: OptionValue): void;
  setOption(level: number, name: number, value: number | Bytes): void;
  setOption(level: string | number, name: unknown, value?: unknown): void {
    if (typeof level === 'string') throw wrongValue('name', 'an option', level);
    checked(this, native.setOption(handleOf(this), level, name as number, value as number));
  }

  /** Takes the pending error (SO_ERROR): how a connection attempt went. Undefined when there is none. */
  takeError(): FdError | undefined {
    const errno = checked(this, native.takeError(handleOf(this)));
    return errno === 0 ? undefined : systemError('connect', errno, { fd: this.fd });
  }
}
