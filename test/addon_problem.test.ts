import { describe, expect, it } from 'vitest';
import { addonProblem, namedProblem } from '../lib/addon_problem.ts';
import { targets } from '../lib/addon_target.ts';

const own = { path: '/app/node_modules/fdpoll/build/Release/fdpoll.node' };
const prebuilt = { path: 'prebuilds/linux-x64/fdpoll.node' };

describe('what is said when no addon loads', () => {
  it('names the system and every place, with what was there', () => {
    const reason = 'file too short';
    expect(addonProblem('linux-x64', [own, { ...prebuilt, reason }], [])).toContain(
      'fdpoll has no addon for linux-x64. Looked for /app/node_modules/fdpoll/build/Release/fdpoll.node (no such file), ' +
        'prebuilds/linux-x64/fdpoll.node (file too short). ',
    );
  });

  it('tells a system without a prebuilt addon which have one, and how to build', () => {
    const message = addonProblem('linux-riscv64', [own], ['linux-x64']);
    for (const target of targets) expect(message).toContain(target);
    expect(message).toMatch(/no prebuilt addon for this system.*npx cmake-js -d node_modules\/fdpoll/);
    expect(message).not.toMatch(/npm ci/);
  });

  it('tells of node_modules from another system what is in there', () => {
    expect(addonProblem('linux-x64', [own, prebuilt], ['darwin-arm64', 'darwin-x64'])).toMatch(
      /There is only darwin-arm64, darwin-x64: node_modules was copied from another system, or pruned.*npm ci/,
    );
  });

  it('tells of a file that does not load to install again', () => {
    const wrong = { ...prebuilt, reason: 'invalid ELF header' };
    expect(addonProblem('linux-x64', [own, wrong], ['linux-x64'])).toMatch(/damaged or of another system.*npm ci/);
  });

  it.each([
    'Cannot load native addon because loading addons is disabled.',
    'Requires ffi access to "/app", run again with the --allow-ffi flag',
  ])('tells a process that may load none which flag it lacks: %s', (reason) => {
    const message = addonProblem('linux-x64', [{ ...prebuilt, reason }], ['linux-x64']);
    for (const flag of ['--allow-addons', '--no-addons', '--allow-ffi']) expect(message).toContain(flag);
    expect(message).not.toMatch(/npm ci|cmake/);
  });

  it('tells of a file that FDPOLL_ADDON names nothing but that', () => {
    expect(namedProblem([{ path: '/tmp/x.node', reason: 'file too short' }])).toBe(
      'FDPOLL_ADDON names /tmp/x.node (file too short). Name the addon of this version for this system, or unset it.',
    );
  });

  it('tells a checkout and a bundle what they lack', () => {
    expect(addonProblem('linux-x64', [own, prebuilt], [])).toMatch(/in a checkout.*npm ci; in a bundle.*FDPOLL_ADDON/);
  });

  it.each([
    "Cannot find module './fdpoll-QHKJLD2Y.node'",
    '/app/fdpoll-QHKJLD2Y.node: cannot open shared object file: No such file or directory',
    'Error loading shared library /app/fdpoll-QHKJLD2Y.node: No such file or directory',
    "dlopen(/app/fdpoll-QHKJLD2Y.node, 0x0001): tried: '/app/fdpoll-QHKJLD2Y.node' (no such file)",
    'Dynamic require of "../prebuilds/linux-x64/fdpoll.node" is not supported',
  ])('tells a bundle whose copy of the addon is not there which it is, and what to do: %s', (reason) => {
    const message = addonProblem('linux-x64', [own, { ...prebuilt, reason }], []);
    expect(message).toContain(`(${reason})`);
    expect(message).toMatch(/The prebuilt addons are not here: .*in a bundle.*FDPOLL_ADDON/);
    expect(message).not.toMatch(/damaged/);
  });

  it.each([
    'libatomic.so.1: cannot open shared object file: No such file or directory',
    'dlopen(/app/fdpoll.node, 0x0001): Library not loaded: /opt/lib/libx.dylib',
  ])('takes an addon that lacks a library for one that does not load: %s', (reason) => {
    expect(addonProblem('linux-arm', [own, { ...prebuilt, reason }], [])).toMatch(/damaged or of another system/);
  });

  it.each([
    'Dynamic require of "./fdpoll-QHKJLD2Y.node" is not supported',
    'require is not defined',
    'require is not defined in ES module scope, you can use import instead',
    'No such built-in module: ./fdpoll-QHKJLD2Y.node',
  ])('tells a bundle without a require how to do without: %s', (reason) => {
    const message = addonProblem('linux-x64', [own, { ...prebuilt, reason }], []);
    expect(message).toMatch(/has no require.*--loader:\.node=file.*FDPOLL_ADDON\.$/);
    expect(message).not.toMatch(/npm ci|cmake/);
  });

  it.each([
    [[own, prebuilt], []],
    [[own, prebuilt], ['darwin-x64']],
    [[{ ...prebuilt, reason: 'x' }], []],
  ])('is one line that ends in how to build', (attempts, present) => {
    const message = addonProblem('linux-x64', attempts, present);
    expect(message).not.toContain('\n');
    expect(message).toMatch(/build it: npm install .* \(needs CMake and a C\+\+17 compiler\)\.$/);
  });
});
