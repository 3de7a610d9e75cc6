/** One thing that was looked at. Plain JSON. */
export interface DoctorLine {
  name: string;
  /** `problem`: something does not work. `warning`: it works, and not as well as it could. */
  status: 'ok' | 'warning' | 'problem';
  /** What was found, and what it means. */
  found: string;
  /** What to do about it; null where there is nothing to do. */
  wayOut: string | null;
}

export function fine(name: string, found: string): DoctorLine {
  return { name, status: 'ok', found, wayOut: null };
}

export function warning(name: string, found: string, wayOut: string): DoctorLine {
  return { name, status: 'warning', found, wayOut };
}

export function problem(name: string, found: string, wayOut: string): DoctorLine {
  return { name, status: 'problem', found, wayOut };
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
