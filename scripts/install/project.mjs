// Folders of users: each with a home of its own, an environment that says nothing but where the registry is, and one Node
// on the path.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { nodeOf, npmConfig } from './tools.mjs';

// How this machine reaches the registry, if it needs anything for that.
const PASSED = ['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'SSL_CERT_DIR', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'];
const reach = Object.fromEntries(
  [...PASSED, ...PASSED.map((name) => name.toLowerCase())].flatMap((name) =>
    process.env[name] === undefined ? [] : [[name, process.env[name]]],
  ),
);
const npmrc = ['registry', 'cafile']
  .map((key) => [key, npmConfig(key)])
  .filter(([, value]) => value !== '')
  .map(([key, value]) => `${key}=${value}\n`)
  .join('');

const folders = new Set();
process.on('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});
// A signal ends the process by the way of 'exit', too.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

/** What a command has written and how it ended. */
export function run(command, args, { cwd, env, seconds = 120 }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text;
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), seconds * 1000);
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ ended: signal ?? code, stdout, stderr });
    });
  });
}

/** A fresh project of a user who has this Node, and nothing set up. `system` are the folders of the system's programs. */
export function createProject(node, { system = '/usr/local/bin:/usr/bin:/bin', manifest = {} } = {}) {
  const base = mkdtempSync(join(tmpdir(), 'fdpoll-install-'));
  folders.add(base);
  const folder = join(base, 'project');
  for (const name of ['home', 'bin', 'project']) mkdirSync(join(base, name));
  symlinkSync(nodeOf(node), join(base, 'bin/node'));
  writeFileSync(join(base, 'home/.npmrc'), npmrc);

  const env = { ...reach, HOME: join(base, 'home'), PATH: `${join(base, 'bin')}:${system}`, LANG: 'C.UTF-8' };
  const project = {
    folder,
    env,
    path: (name) => join(folder, name),
    write(name, text) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    },
    /** However it ends. */
    attempt: (command, args, options = {}) => run(command, args, { cwd: folder, env, ...options }),
    /** It must end well. */
    async run(command, args, options = {}) {
      const result = await project.attempt(command, args, options);
      if (result.ended !== 0)
        throw new Error(
          `${[command, ...args].join(' ')}: ended with ${result.ended}\n${result.stdout}${result.stderr}`,
        );
      return result;
    },
    remove() {
      rmSync(base, { recursive: true, force: true });
      folders.delete(base);
    },
  };
  project.write('package.json', JSON.stringify({ name: 'user', version: '1.0.0', private: true, ...manifest }));
  return project;
}
