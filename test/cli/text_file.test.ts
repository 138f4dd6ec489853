import { describe, expect, it } from 'vitest';
import { readText } from '../../lib/cli/text_file.ts';

describe('readText', () => {
  it('gives the text of a file', () => {
    expect(readText(new URL(import.meta.url).pathname)).toContain('gives the text of a file');
  });

  it('gives nothing for a file that is not there, and for a directory', () => {
    expect(readText('/nonexistent/file')).toBeUndefined();
    expect(readText('/')).toBeUndefined();
  });
});
