import type { Readable } from 'node:stream';
import type { Command } from 'commander';

/** What a command has of the process that runs it. */
export interface Host {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  /** That of the process, where it is not given. */
  readonly stdin?: Readable;
  /** The path of a script of `programs/`. */
  program(name: string): string;
  /** Aborted, with an `Interruption` as the reason, a command ends with what is finished. */
  readonly signal: AbortSignal;
}

export interface Interruption {
  /** The exit status. */
  readonly status: number;
  /** What the user is told, if there is someone to be told. */
  readonly message: string;
}

/** Adds a command to the program. Its action runs it, and hands on its exit status. */
export type AddCommand = (program: Command, host: Host, finish: (status: number) => void) => void;

/** 0: all that was asked for was done. 1: some of it could not be. */
export const OK_STATUS = 0;
export const FAILED_STATUS = 1;
/** For a command line that makes no sense; nothing has been run. */
export const USAGE_STATUS = 2;

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
