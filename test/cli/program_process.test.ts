import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { ProgramProcess } from '../../lib/cli/program_process.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fdpoll-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

/** A program that does what a line of script says, on its control socket `c`. */
function scripted(line: string): ProgramProcess {
  const path = join(directory, 'program.mjs');
  writeFileSync(path, `import { Socket } from 'node:net'; const c = new Socket({ fd: 3 }); ${line}`);
  const program = new ProgramProcess(path, ['argument']);
  onTestFinished(() => program.close());
  return program;
}

describe('ProgramProcess', () => {
  it('hears what the program says by itself, also in pieces', async () => {
    const program = scripted(
      `c.write('{"a":'); setTimeout(() => c.write(JSON.stringify(process.argv[2]) + '}\\n'), 20);`,
    );
    expect(await program.reply()).toEqual({ a: 'argument' });
  });

  it('has requests answered one after another', async () => {
    const program = scripted(`c.on('data', (d) => c.write(d));`);
    const replies = [1, 2, 3].map((n) => program.ask({ n }));
    expect(await Promise.all(replies)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
  });

  it('throws what the program says is wrong, and goes on', async () => {
    const program = scripted(`c.on('data', () => c.write('{"error":"no luck","code":"EMFILE"}\\n'));`);
    await expect(program.ask({})).rejects.toMatchObject({ message: 'no luck', code: 'EMFILE' });
    await expect(program.ask({})).rejects.toThrow('no luck');
  });

  it('says that the process has ended', async () => {
    const program = scripted('process.exit();');
    await expect(program.reply()).rejects.toThrow('the process has ended');
    await expect(program.ask({})).rejects.toThrow('the process has ended');
  });

  it('lets the program end by itself when it is closed, twice', async () => {
    const path = join(directory, 'ended');
    const program = scripted(`import { writeFileSync } from 'node:fs';
      c.on('close', () => writeFileSync(${JSON.stringify(path)}, '')).resume(); c.write('{}\\n');`);
    await program.reply();
    await program.close();
    await program.close();
    expect(() => rmSync(path)).not.toThrow();
  });

  it('ends a program that does not mind', async () => {
    const program = scripted(`c.write('{}\\n', () => { for (;;); });`);
    await program.reply();
    await program.close();
  });
});
