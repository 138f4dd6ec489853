import { describe, expect, it } from 'vitest';
import { oldNode } from '../lib/old_node.ts';
import packageJson from '../package.json' with { type: 'json' };

const versions = (given: Record<string, string>): NodeJS.ProcessVersions => given as NodeJS.ProcessVersions;

describe('oldNode', () => {
  it.each(['20.19.0', '20.20.2', '22.0.0', '100.0.0'])('has nothing to say about %s', (node) => {
    expect(oldNode(versions({ node }))).toBeUndefined();
  });

  it.each(['20.18.3', '18.20.8', '0.10.1'])('says what %s is too old for', (node) => {
    expect(oldNode(versions({ node }))).toBe(
      `fdpoll needs Node.js 20.19 or later, and this is ${node}: install a newer one`,
    );
  });

  it('knows the oldest one of package.json', () => {
    const oldest = packageJson.engines.node.replace('>=', '');
    expect(oldNode(versions({ node: '0.1.0' }))).toContain(`Node.js ${oldest} or later`);
    expect(oldNode(versions({ node: `${oldest}.0` }))).toBeUndefined();
  });

  it('leaves Bun and Deno alone, whatever Node they say they are', () => {
    expect(oldNode(versions({ node: '18.0.0', bun: '1.0.0' }))).toBeUndefined();
    expect(oldNode(versions({ node: '18.0.0', deno: '2.0.0' }))).toBeUndefined();
  });
});
