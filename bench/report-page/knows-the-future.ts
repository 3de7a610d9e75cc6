/** An oracle knows what cannot be known: it is shown, and wins nothing. By its policy or its label. */
export function knowsTheFuture(name: string): boolean {
  return /\boracle\b/i.test(name);
}
