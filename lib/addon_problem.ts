import { targets } from './addon_target.ts';

/** A place where an addon was looked for, and why none came of it; no reason where there was no file. */
export interface Attempt {
  readonly path: string;
  readonly reason?: string;
}

const BUILD =
  'npm install --save-dev cmake-js node-addon-api node-api-headers && npx cmake-js -d node_modules/fdpoll ' +
  '(needs CMake and a C++17 compiler)';

/** What runtimes say that may load no addon, any addon: Node and Deno. */
const FORBIDDEN = /loading addons is disabled|Requires ffi access/i;
/** What is said of an addon that is not there: by a loader of modules, by glibc and musl, and by dyld. */
const ABSENT =
  /cannot find module|\.node: cannot open shared object file: no such file|error loading shared library \S+\.node: no such file|tried: '[^']*\.node. \(no such file/i;

/** What esbuild's and Rollup's ES modules say, which have no require, and Node's single executables, whose has no files. */
const NO_REQUIRE = /dynamic require of|require is not defined|no such built-in module/i;

/** A copy that is not there, or the file itself, which the bundler was told to leave out. */
function isAbsent({ path, reason }: Attempt): boolean {
  return reason === undefined || ABSENT.test(reason) || (NO_REQUIRE.test(reason) && reason.includes(path));
}

function advice(target: string, attempts: readonly Attempt[], present: readonly string[]): string {
  if (attempts.some(({ reason }) => reason !== undefined && FORBIDDEN.test(reason)))
    return (
      'This process may load no addons: under the permission model of Node give it --allow-addons, leave out ' +
      '--no-addons, and under Deno give it --allow-ffi.'
    );
  if (!(targets as readonly string[]).includes(target))
    return `There is no prebuilt addon for this system; there is for ${targets.join(', ')}. Build it: ${BUILD}.`;
  const failed = attempts.filter((attempt) => !isAbsent(attempt));
  if (failed.some(({ reason = '' }) => NO_REQUIRE.test(reason)))
    return (
      'This bundle or executable has no require that loads files: let the bundler give the path of the addon instead ' +
      '(for esbuild --loader:.node=file), or put the addon beside it and its path into FDPOLL_ADDON.'
    );
  if (failed.length > 0)
    return (
      'A file that cannot be loaded is damaged or of another system: install fdpoll again on this one ' +
      `(rm -r node_modules && npm ci), or build it: ${BUILD}.`
    );
  if (present.length > 0)
    return (
      `There is only ${present.join(', ')}: node_modules was copied from another system, or pruned. Install fdpoll ` +
      `again on this one (rm -r node_modules && npm ci), or build it: ${BUILD}.`
    );
  return (
    'The prebuilt addons are not here: in a checkout of fdpoll run npm ci; in a bundle or an executable put the addon ' +
    `beside it and its path into FDPOLL_ADDON; otherwise install fdpoll again, or build it: ${BUILD}.`
  );
}

/** One line: what was looked for, what was found, and what to do. `present` are the prebuilt addons that are there. */
export function addonProblem(target: string, attempts: readonly Attempt[], present: readonly string[]): string {
  const looked = attempts.map(({ path, reason = 'no such file' }) => `${path} (${reason})`).join(', ');
  return `fdpoll has no addon for ${target}. Looked for ${looked}. ${advice(target, attempts, present)}`;
}

/** One line of what FDPOLL_ADDON named. */
export function namedProblem(attempts: readonly Attempt[]): string {
  const what = attempts.map(({ path, reason = 'no such file' }) => `${path} (${reason})`).join(', ');
  return `FDPOLL_ADDON names ${what}. Name the addon of this version for this system, or unset it.`;
}
