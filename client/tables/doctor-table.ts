import pc from 'picocolors';
import type { DoctorLine } from '../doctor/doctor-line';
import { plainTable } from './plain-table';

const COLOURS = { ok: pc.green, warning: pc.yellow, problem: pc.red };

/** One line for each thing, and what to do below those that need something. */
export function doctorTable(lines: readonly DoctorLine[]): string {
  const rows = lines.flatMap(({ name, status, found, wayOut }) => [
    [COLOURS[status](status), name, found],
    ...(wayOut === null ? [] : [['', '', `-> ${wayOut}`]]),
  ]);
  const count = (status: DoctorLine['status']): number => lines.filter((line) => line.status === status).length;
  const summary = `${count('ok')} ok, ${count('warning')} warnings, ${count('problem')} problems`;
  return `${plainTable(['', 'what', 'found'], rows)}\n\n${summary}`;
}
