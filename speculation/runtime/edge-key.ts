/** Name of an edge, as in the books and the control plane. */
export function edgeKey(upstream: string, downstream: string): string {
  return `${upstream}>${downstream}`;
}
