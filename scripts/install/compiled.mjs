// A package without a prebuilt addon for the system, by those who have a compiler, and by those who have none. The
// commands are those of the message itself.
import { rmSync } from 'node:fs';
import { expectRefusal, expectSmoke, installed } from './refusals.mjs';
import { readJson, root } from './tools.mjs';

const pinned = readJson(`${root}/package.json`).devDependencies;

/** The commands that the message has, with the versions that this checkout is built with. */
function commandsOf(message) {
  const [, packages, build] = /(?:npm install --save-dev) ([^&]+) && (npx cmake-js [^ (]+ [^ (,]+)/.exec(message) ?? [];
  if (build === undefined) throw new Error(`no commands in: ${message}`);
  const names = packages.trim().split(' ');
  return {
    install: [
      'npm',
      'install',
      '--save-dev',
      '--no-audit',
      '--no-fund',
      ...names.map((name) => `${name}@${pinned[name]}`),
    ],
    build: build.split(' '),
  };
}

async function cmakeJs({ tarball }) {
  const project = await installed(tarball);
  rmSync(project.path('node_modules/fdpoll/prebuilds'), { recursive: true });
  project.write(
    'package.json',
    JSON.stringify({ name: 'user', version: '1.0.0', dependencies: { fdpoll: `file:${tarball}` } }),
  );
  const message = await expectRefusal(project);
  const { install, build } = commandsOf(message);
  const [npm, ...args] = install;
  await project.run(npm, args);
  // npm puts back what is not as it was in the tarball.
  rmSync(project.path('node_modules/fdpoll/prebuilds'), { recursive: true, force: true });

  // Without CMake and a compiler: its own words, and ours stay as they were.
  const bare = { ...project.env, PATH: project.env.PATH.split(':')[0] };
  const alone = await project.attempt('node_modules/.bin/cmake-js', build.slice(2), { env: bare });
  if (
    alone.ended === 0 ||
    !/C\+\+ Compiler toolset is not available|CMake executable is not found/i.test(`${alone.stdout}${alone.stderr}`)
  )
    throw new Error(`without CMake: ended with ${alone.ended}\n${alone.stdout}${alone.stderr}`);
  if ((await expectRefusal(project)) !== message)
    throw new Error('the message is another one after a build that failed');

  const [npx, ...rest] = build;
  await project.run('nice', [npx, ...rest], { seconds: 600 });
  await expectSmoke(project);
  project.remove();
}

export const compiled = { 'cmake-js': cmakeJs };
