// Runs cases, several at a time, a line for each.

/** Thrown by a case that this machine lacks something for, which no package brings. */
export class Absent extends Error {}

/** Those that are asked for, or all; what it returns is the status of the process. */
export async function runCases(cases, asked, jobs, subject) {
  const waiting = asked.length > 0 ? [...asked] : Object.keys(cases);
  const ended = { ok: 0, FAILED: 0, absent: 0 };

  async function work() {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const begin = performance.now();
      let [word, detail] = ['ok', ''];
      try {
        detail = (await cases[name](subject)) ?? '';
      } catch (error) {
        [word, detail] = error instanceof Absent ? ['absent', error.message] : ['FAILED', `\n${error.stack}`];
      }
      ended[word]++;
      const seconds = ((performance.now() - begin) / 1000).toFixed(1);
      console.log(`${word.padEnd(6)} ${name.padEnd(24)} ${seconds.padStart(5)} s  ${detail}`.trimEnd());
    }
  }
  await Promise.all(Array.from({ length: jobs }, work));

  const absent = ended.absent > 0 ? `, ${ended.absent} absent` : '';
  console.log(`\n${ended.ok} passed, ${ended.FAILED} failed${absent}`);
  return ended.FAILED === 0 ? 0 : 1;
}

/** The cases that are there, or an error that names them. */
export function checkNames(cases, asked) {
  const unknown = asked.filter((name) => cases[name] === undefined);
  if (unknown.length > 0)
    throw new Error(`unknown: ${unknown.join(', ')}; the cases are ${Object.keys(cases).join(', ')}`);
}
