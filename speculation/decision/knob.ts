/** The operator's dial. Plain JSON, so that the Temporal Web UI and the `temporal` command can send it. */
export interface Knob {
  /** Latency against cost, 0 (cost first: twice break-even) to 1 (latency first: break-even). @default 0.5 */
  alpha: number;
  /** What a second of latency is worth, in US dollars. @default 0.01 */
  lambdaUsdPerSecond: number;
  /** Most that one pipeline may spend on launches that nobody has claimed, in US dollars; null is unbounded. @default null */
  budgetUsd: string | null;
  /** False turns early launches off at once; books are still kept. @default true */
  enabled: boolean;
}
