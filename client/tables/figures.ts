/** US dollars with three digits that count; the exact figure is in the JSON. */
export function dollars(usd: number | string): string {
  const value = Number(usd);
  const size = Math.abs(value);
  if (size === 0) return '$0';
  const decimals = size >= 1 ? 2 : Math.min(9, 2 - Math.floor(Math.log10(size)));
  return `${value < 0 ? '-' : ''}$${size.toFixed(decimals)}`;
}

/** How often something was seen; not whole where old outcomes are forgotten. */
export function counted(count: number): string {
  return Number.isInteger(count) ? String(count) : count.toFixed(1);
}

export function probability(value: number): string {
  return value.toFixed(2);
}

export function seconds(value: number): string {
  return `${value.toFixed(2)} s`;
}
