import { describe, expect, it } from 'vitest';
import { FAILED_STATUS, messageOf, OK_STATUS, USAGE_STATUS } from '../../lib/cli/command.ts';

describe('messageOf', () => {
  it('is what an error says, without its class', () => {
    expect(messageOf(new RangeError('too far'))).toBe('too far');
  });

  it('takes whatever was thrown', () => {
    expect(messageOf('no luck')).toBe('no luck');
    expect(messageOf(undefined)).toBe('undefined');
  });
});

describe('the exit statuses', () => {
  it('are those that docs/comparing.md promises', () => {
    expect([OK_STATUS, FAILED_STATUS, USAGE_STATUS]).toEqual([0, 1, 2]);
  });
});
