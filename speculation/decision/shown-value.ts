/** A value in a message: short, and never a reason for another error. */
export function shownValue(value: unknown): string {
  let text: string | undefined;
  try {
    // JSON writes NaN and Infinity as null, which would hide the very thing that is wrong.
    text = typeof value === 'number' ? String(value) : JSON.stringify(value);
  } catch {
    text = undefined;
  }
  text ??= typeof value;
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
