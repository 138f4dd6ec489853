import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { Progress } from '../../lib/cli/progress.ts';

function stream(isTTY: boolean): { stream: NodeJS.WriteStream; text: () => string } {
  const through = new PassThrough();
  let text = '';
  through.on('data', (data) => {
    text += data;
  });
  const terminal = { isTTY, columns: 80, cursorTo: () => {}, clearLine: () => {}, clearScreenDown: () => {} };
  return { stream: Object.assign(through, terminal) as unknown as NodeJS.WriteStream, text: () => text };
}

describe('Progress', () => {
  it('writes nothing into a pipe', () => {
    const pipe = stream(false);
    const progress = new Progress(pipe.stream, [200]);
    progress.begin(0);
    progress.step('first', 100);
    progress.step('second', 100);
    progress.hide();
    expect(pipe.text()).toBe('');
  });

  it('shows share, time left and label on a terminal', () => {
    const terminal = stream(true);
    const progress = new Progress(terminal.stream, [4000, 4000]);
    progress.begin(1);
    progress.step('echo  epoll warm-up', 500);
    progress.hide();
    expect(terminal.text()).toContain('50 %  4 s left  echo  epoll warm-up');
  });

  it('counts a slice when the next one begins', () => {
    const terminal = stream(true);
    const progress = new Progress(terminal.stream, [1000]);
    progress.begin(0);
    progress.step('first', 250);
    progress.hide();
    progress.step('second', 250);
    progress.hide();
    expect(terminal.text()).toMatch(/ 0 %.*first.* 25 %.*second/s);
  });

  it('never passes the end', () => {
    const terminal = stream(true);
    const progress = new Progress(terminal.stream, [100]);
    progress.begin(0);
    progress.step('first', 300);
    progress.hide();
    progress.step('more than planned', 300);
    progress.hide();
    expect(terminal.text()).toContain('100 %  0 s left  more than planned');
  });

  it('hides a line that was never shown', () => {
    expect(() => new Progress(stream(true).stream, [1]).hide()).not.toThrow();
  });
});
