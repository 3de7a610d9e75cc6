const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const MONTH = `(${MONTHS.join('|')})[a-z]*\\.?`;
const DAY = '(\\d{1,2})(?:st|nd|rd|th)?';
const YEAR = '(?:,?\\s+(\\d{4}))?';
const PHRASE = new RegExp(`\\b(?:${MONTH}\\s+${DAY}(?!\\d)${YEAR}|${DAY}\\s+(?:of\\s+)?${MONTH}${YEAR})`, 'gi');

/** Days of the year that a text names, such as `May 20th`, with their place in it. The year is null where the text leaves it out. */
export function datePhrases(text: string): { at: number; year: string | null; monthAndDay: string }[] {
  return [...text.matchAll(PHRASE)].flatMap((match) => {
    const [, monthFirst, dayAfter, yearAfter, dayFirst, monthAfter, yearLast] = match;
    const month = MONTHS.indexOf((monthFirst ?? monthAfter ?? '').toLowerCase()) + 1;
    const day = Number(dayAfter ?? dayFirst);
    if (day < 1 || day > 31) return [];
    const monthAndDay = `${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
    return [{ at: match.index, year: yearAfter ?? yearLast ?? null, monthAndDay }];
  });
}

const ISO_DATE = /^\d{4}-\d{2}-\d{2}$/;

export function isDate(value: unknown): value is string {
  return typeof value === 'string' && ISO_DATE.test(value);
}

/** A day some days later or earlier, as `YYYY-MM-DD`; undefined for what is no day. */
export function shiftedDate(value: unknown, days: number): string | undefined {
  if (!isDate(value)) return undefined;
  const [year, month, day] = value.split('-').map(Number) as [number, number, number];
  const milliseconds = Date.UTC(year, month - 1, day + days);
  return Number.isNaN(milliseconds) ? undefined : new Date(milliseconds).toISOString().slice(0, 10);
}
