// Walks a group of scenarios in this process and prints a report as JSON.
// usage: node --expose-gc run.mjs GROUP BACKEND [WORD]
// GROUP: sockets, pollers, or old: as on a kernel without epoll_pwait2, RWF_NOSIGNAL and SIOCUNIXFILE, and without /proc;
// worker-sockets and worker-pollers: the same in a Worker, which leaves a poller open at its end.
// WORD: of the name of a scenario.
import { constants } from 'node:os';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { kinds } from './errnos.mjs';
import { excuses } from './excuses.mjs';
import { faults, imports, library } from './library.mjs';
import { pollerScenarios } from './pollers.mjs';
import { socketScenarios } from './sockets.mjs';
import { changed, descriptors, newReport, walk } from './walk.mjs';

const [group, backend, word = ''] = process.argv.slice(2);

const ofPollers = pollerScenarios.filter((scenario) => scenario.hosting !== 'loop' || backend === 'epoll');
const ofWorkers = (scenarios) => scenarios.filter((scenario) => scenario.inWorkers !== false);
const groups = {
  sockets: socketScenarios,
  pollers: ofPollers,
  old: [
    ...socketScenarios.filter(({ name }) => /writ|descriptors of every kind|with a path/.test(name)),
    ...ofPollers.filter(({ name }) => /^(registering|waiting|hosted|iterated)/.test(name)),
  ],
  'worker-sockets': ofWorkers(socketScenarios),
  'worker-pollers': ofWorkers(ofPollers),
};

const walkHere = async () => {
  const report = newReport();
  for (const scenario of groups[group]) if (scenario.name.includes(word)) await walk(scenario, backend, report);
  return report;
};

/** The report of a Worker, and what it has left when it has ended. */
const walkInWorker = async () => {
  // What there is once for the whole process comes with the first that needs it.
  const first = new library.Poller({ backend });
  first.waker.wake();
  first.addSignal('SIGUSR2');
  first.close();
  await new Promise((resolve) => new Worker('', { eval: true }).once('exit', resolve));
  const before = descriptors();
  const live = faults.live();
  const worker = new Worker(new URL(import.meta.url), { argv: process.argv.slice(2), trackUnmanagedFds: false });
  const [report] = await new Promise((resolve, reject) => {
    let told = [];
    worker.once('message', (message) => {
      told = [message];
      worker.postMessage('end');
    });
    worker.once('error', reject);
    worker.once('exit', () => resolve(told));
  });
  report.complaints.push(...(await changed(before)).map((difference) => `when the Worker has ended: ${difference}`));
  if (faults.live() !== live) report.blocks.push(`when the Worker has ended: ${faults.live() - live}`);
  return report;
};

if (!isMainThread) {
  const report = await walkHere();
  // Nobody closes them: the end of the Worker does.
  const poller = new library.Poller({ backend, hosting: backend === 'epoll' ? 'loop' : 'thread' });
  poller.add(library.Socket.pair()[0], library.READABLE);
  poller.addTimer(60_000);
  poller.addSignal('SIGUSR2');
  poller.addWatch('.');
  poller.start(() => {});
  globalThis.left = poller;
  parentPort.once('message', () => process.exit());
  parentPort.postMessage(report);
} else {
  if (group === 'old') {
    faults.always('epoll_pwait2', constants.errno.ENOSYS);
    faults.always('pwritev2', constants.errno.EOPNOTSUPP);
    faults.always('ioctl_unixfile', constants.errno.EINVAL);
    faults.always('chmod', constants.errno.ENOENT);
  }
  const report = group.startsWith('worker-') ? await walkInWorker() : await walkHere();
  console.log(
    JSON.stringify({ ...report, imports, known: Object.keys(kinds), reasons: excuses.map(({ reason }) => reason) }),
  );
}
