// What tools that read packages say of the tarball: nothing.
import { createProject } from './project.mjs';
import { tool } from './tools.mjs';

/** No rule is left out, suggestions count as well. */
async function publint({ tarball }) {
  const project = createProject('node');
  const { stdout } = await project.run('node', [tool('publint/src/cli.js'), 'run', tarball, '--strict']);
  if (!stdout.includes('All good!')) throw new Error(stdout);
  project.remove();
}

/** The types of every entry, for each way that they are resolved. */
async function attw({ tarball }) {
  const project = createProject('node');
  const { ended, stdout, stderr } = await project.attempt('node', [
    tool('@arethetypeswrong/cli/dist/index.js'),
    tarball,
    '--no-color',
    '--no-emoji',
    // Not a module: whoever resolves as Node 10 did has no exports, and takes dist/results.schema.json.
    '--exclude-entrypoints',
    'results.schema.json',
  ]);
  if (ended !== 0 || !stdout.includes('No problems found')) throw new Error(`${stdout}${stderr}`);
  project.remove();
}

export const linters = { publint, attw };
