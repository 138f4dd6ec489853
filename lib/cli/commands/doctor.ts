import type { AddCommand, Host, Interruption } from '../command.ts';
import { FAILED_STATUS, messageOf, OK_STATUS, USAGE_STATUS } from '../command.ts';
import { renderDiagnosis } from '../doctor/doctor_report.ts';
import { examine, type Instruments } from '../doctor/examine.ts';
import { JsonFile, toJson } from '../json_file.ts';

const DEFAULT_WIDTH = 80;

const doctorExamples = `
Exit status: 0 when the default backend works, 1 when it does not or the addon does not load.

Examples:
  $ fdpoll doctor
  $ fdpoll doctor --json | jq '.limits[] | select(.verdict != "ok")'
  $ fdpoll doctor --json doctor.json
`;

export const addDoctor: AddCommand = (program, host, finish) => {
  program
    .command('doctor')
    .description('try every backend and kind of descriptor here, and find limits that will bite')
    .option(
      '-j, --json [file]',
      'write the findings as JSON; without a file or with - to standard output, the report then goes to standard error',
    )
    .addHelpText('after', doctorExamples)
    .action(async ({ json }: { json?: string | true }) => finish(await doctor(json === true ? '-' : json, host)));
};

/** Examines, reports, and returns the exit status: 0 only if programs that use fdpoll work here. */
export async function doctor(json: string | undefined, host: Host, instruments?: Instruments): Promise<number> {
  let file: JsonFile | undefined;
  try {
    if (json !== undefined && json !== '-') file = new JsonFile(json);
  } catch (error) {
    host.stderr.write(`fdpoll: ${messageOf(error)}\n`);
    return USAGE_STATUS;
  }
  const diagnosis = await examine(instruments);
  const report = json === '-' ? host.stderr : host.stdout;
  report.write(renderDiagnosis(diagnosis, report.columns || DEFAULT_WIDTH));
  if (json === '-') host.stdout.write(toJson(diagnosis));
  file?.write(diagnosis);
  if (host.signal.aborted) return (host.signal.reason as Interruption).status;
  return diagnosis.healthy ? OK_STATUS : FAILED_STATUS;
}
