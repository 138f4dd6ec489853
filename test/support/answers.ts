import { constants } from 'node:os';
import { native } from '../../lib/binding.ts';

/** What the addon answers when this system call failed with this errno: see errors.ts. */
export const failed = (call: string, code: keyof typeof constants.errno): number => {
  for (let number = 1; native.callName(number) !== ''; number++)
    if (native.callName(number) === call) return -(number * 4096 + constants.errno[code]);
  throw new Error(`the addon knows no call ${call}`);
};
