// Walks a group of scenarios in this process and prints a report as JSON.
// usage: node --expose-gc run.mjs GROUP BACKEND [WORD]
// GROUP: sockets, pollers, or old: as on a kernel without epoll_pwait2, RWF_NOSIGNAL and SIOCUNIXFILE, and without /proc.
// WORD: of the name of a scenario.
import { constants } from 'node:os';
import { kinds } from './errnos.mjs';
import { excuses } from './excuses.mjs';
import { faults, imports } from './library.mjs';
import { pollerScenarios } from './pollers.mjs';
import { socketScenarios } from './sockets.mjs';
import { newReport, walk } from './walk.mjs';

const [group, backend, word = ''] = process.argv.slice(2);

const ofPollers = pollerScenarios.filter((scenario) => scenario.hosting !== 'loop' || backend === 'epoll');
const groups = {
  sockets: socketScenarios,
  pollers: ofPollers,
  old: [
    ...socketScenarios.filter(({ name }) => /writ|descriptors of every kind|with a path/.test(name)),
    ...ofPollers.filter(({ name }) => /^(registering|waiting|hosted|iterated)/.test(name)),
  ],
};

if (group === 'old') {
  faults.always('epoll_pwait2', constants.errno.ENOSYS);
  faults.always('pwritev2', constants.errno.EOPNOTSUPP);
  faults.always('ioctl_unixfile', constants.errno.EINVAL);
  faults.always('chmod', constants.errno.ENOENT);
}
const report = newReport();
for (const scenario of groups[group]) if (scenario.name.includes(word)) await walk(scenario, backend, report);
console.log(
  JSON.stringify({ ...report, imports, known: Object.keys(kinds), reasons: excuses.map(({ reason }) => reason) }),
);
