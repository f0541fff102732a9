/** `dhrishti doctor`: what this machine can record, what it lacks, and how to mend it. */
import { EXIT_STATUS } from '../base/errors.js';
import type { DoctorReport } from '../record/doctor.js';
import type { Terminal } from './terminal.js';
import { table } from './terminal.js';

/** The report in words, one row a line. */
export function doctorText(report: DoctorReport): string {
  const rows = report.rows.map((row) => [row.ok ? 'ok' : 'NO', row.name, row.detail]);
  const fixes = report.rows.filter((row) => !row.ok && row.fix !== undefined);
  return [
    table(rows),
    ...fixes.map((row) => `${row.name}: ${row.fix ?? ''}\n`),
    report.canRecord ? 'This machine can record.\n' : 'This machine cannot record.\n',
  ].join('');
}

/** Gives the exit status: 0 where the machine can record, else 3. */
export async function runDoctor(terminal: Terminal, given: { json?: boolean }): Promise<number> {
  const { doctor } = await import('../record/doctor.js');
  const report = doctor();
  await terminal.out(
    given.json === true ? `${JSON.stringify(report, null, 2)}\n` : doctorText(report),
  );
  return report.canRecord ? 0 : EXIT_STATUS.CANNOT_RECORD;
}
