import { FdError, type Version } from '../index.ts';

/** What `fdpoll --version` prints: the version on the first line, then a line for each fact of the addon. */
export function versionText(version: Version): string {
  return [`fdpoll ${version.fdpoll}`, ...facts(version).map(([name, fact]) => `${name.padEnd(10)}${fact}`)].join('\n');
}

function facts(version: Version): [name: string, fact: string][] {
  try {
    const { system, arch, libc, compiler, type, flags } = version.build;
    return [
      ['node-api', String(version.napi)],
      ['backends', version.backends.join(' ')],
      ['system', `${system} ${arch}`],
      ['libc', libc],
      ['compiler', compiler],
      ['build', type],
      ['flags', flags.join(' ') || 'none'],
    ];
  } catch (error) {
    if (!(error instanceof FdError)) throw error;
    return [['addon', error.message]];
  }
}
