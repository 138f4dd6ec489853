import { describe, expect, it } from 'vitest';
import { Control } from '../../lib/cli/control.ts';
import { pair } from '../support/sockets.ts';

function open() {
  const [ours, theirs] = pair();
  return { ours, control: new Control(theirs) };
}

describe('Control', () => {
  it('takes requests one by one, however they come', () => {
    const { ours, control } = open();
    ours.send(Buffer.from('{"a":1}\n{"b":'));
    expect(control.next()).toEqual({ a: 1 });
    ours.send(Buffer.from('2}\n'));
    expect(control.next()).toEqual({ b: 2 });
  });

  it('has no next request once the other end is closed', () => {
    const { ours, control } = open();
    ours.send(Buffer.from('{}\n'));
    ours.close();
    expect([control.next(), control.next()]).toEqual([{}, undefined]);
  });

  it('has none either when it went with an answer unread', () => {
    const { ours, control } = open();
    control.tell({ cpu: 1 });
    ours.close();
    expect(control.next()).toBeUndefined();
  });

  it('skips what has arrived, and says when there will be no more', () => {
    const { ours, control } = open();
    ours.send(Buffer.from('{}\n{}'));
    expect(control.skip()).toBe(true);
    ours.close();
    expect(control.skip()).toBe(false);
  });

  it('tells a line, and nobody without an error', () => {
    const { ours, control } = open();
    const buffer = Buffer.alloc(64);
    control.tell({ cpu: 7 });
    expect(buffer.toString('utf8', 0, ours.recv(buffer))).toBe('{"cpu":7}\n');
    ours.close();
    control.tell({ cpu: 8 });
  });
});
