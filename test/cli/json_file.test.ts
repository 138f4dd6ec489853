import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { JsonFile } from '../../lib/cli/json_file.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fdpoll-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

describe('JsonFile', () => {
  it('writes a new file', () => {
    const path = join(directory, 'new.json');
    new JsonFile(path).write({ version: 1 });
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ version: 1 });
  });

  it('leaves an old file alone until there is something to write, then replaces all of it', () => {
    const path = join(directory, 'old.json');
    writeFileSync(path, 'x'.repeat(1000));
    const file = new JsonFile(path);
    expect(readFileSync(path, 'utf8')).toHaveLength(1000);
    file.write([]);
    expect(readFileSync(path, 'utf8')).toBe('[]\n');
  });

  it('says at once that a place cannot be written', () => {
    expect(() => new JsonFile(join(directory, 'missing', 'file.json'))).toThrow(/^cannot write .*: ENOENT/);
    expect(() => new JsonFile(directory)).toThrow('EISDIR');
  });

  it('writes to what is no regular file', () => {
    expect(() => new JsonFile('/dev/null').write([])).not.toThrow();
  });
});
