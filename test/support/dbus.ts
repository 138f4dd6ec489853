import { spawn } from 'node:child_process';
import { accessSync, constants, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { close, type SocketDuplex } from '../../lib/index.ts';
import { serve } from './duplex.ts';
import { closing, listen } from './sockets.ts';

/** Where the daemon of D-Bus is on this machine. */
export const daemon: string | undefined = (process.env.PATH ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'dbus-daemon'))
  .find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

const configuration = (path: string): string => `<!DOCTYPE busconfig PUBLIC
  "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
  "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=${path}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`;

/** A bus of its own in this folder, until the test ends; its socket. */
export const startDaemon = async (command: string, folder: string): Promise<string> => {
  const [path, config] = [join(folder, 'bus'), join(folder, 'bus.conf')];
  writeFileSync(config, configuration(path));
  const child = spawn(command, ['--nofork', '--print-address', `--config-file=${config}`]);
  const gone = new Promise((resolve) => child.once('close', resolve));
  onTestFinished(async () => {
    child.kill();
    await gone;
  });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  await Promise.race([
    new Promise((resolve) => child.stdout.once('data', resolve)),
    gone.then(() => expect.fail(`dbus-daemon does not start: ${said}`)),
  ]);
  return path;
};

const HELLO_ANSWERED = 2;

/** A method return to serial 1 whose body is one string of four letters, as the specification lays it out. */
const answerToHello = (name: string): Buffer =>
  Buffer.concat([
    Buffer.from([0x6c, HELLO_ANSWERED, 0, 1, 9, 0, 0, 0, 1, 0, 0, 0, 15, 0, 0, 0]),
    Buffer.from([5, 1, 0x75, 0, 1, 0, 0, 0]), // REPLY_SERIAL
    Buffer.from([8, 1, 0x67, 0, 1, 0x73, 0, 0]), // SIGNATURE
    Buffer.from([4, 0, 0, 0]),
    Buffer.from(`${name}\0`),
  ]);

const lengthOf = (message: Buffer): number =>
  16 + Math.ceil(message.readUInt32LE(12) / 8) * 8 + message.readUInt32LE(4);

/** What a bus does, for two clients: it knows its lines, and passes every message of one on to the other. */
export const scriptBus = (folder: string): { path: string; lines: string[]; errors: unknown[] } => {
  const path = join(folder, 'bus');
  const [lines, errors, clients]: [string[], unknown[], SocketDuplex[]] = [[], [], []];
  const listener = closing(listen(`unix:${path}`));
  serve(listener, { fds: true }, (client) => {
    const index = clients.push(client) - 1;
    let [bytes, begun, fds]: [Buffer, boolean, number[]] = [Buffer.alloc(0), false, []];
    client.on('error', (error) => errors.push(error));
    client.on('fds', (more: number[]) => {
      fds = [...fds, ...more];
    });
    const readLine = (): boolean => {
      const end = bytes.indexOf('\r\n');
      if (end < 0) return false;
      const line = bytes.toString('latin1', 0, end);
      bytes = bytes.subarray(end + 2);
      lines.push(line);
      begun = line === 'BEGIN';
      if (!begun) client.write(line === 'NEGOTIATE_UNIX_FD' ? 'AGREE_UNIX_FD\r\n' : 'OK 0123456789abcdef\r\n');
      return true;
    };
    const readMessage = (): boolean => {
      if (bytes.length < 16 || bytes.length < lengthOf(bytes)) return false;
      const message = bytes.subarray(0, lengthOf(bytes));
      bytes = bytes.subarray(message.length);
      if (message.includes('Hello')) client.write(answerToHello(`:1.${index}`));
      else clients[1 - index]?.writeWithFds(message, fds);
      for (const fd of fds) close(fd);
      fds = [];
      return true;
    };
    client.on('data', (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      while (begun ? readMessage() : readLine());
    });
  });
  return { path, lines, errors };
};
