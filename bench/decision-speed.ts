import { decide, type Decision, type DecisionInputs } from '../speculation/decision/decision';
import { shouldSpeculate } from '../speculation/decision/expected-value';
import { DEFAULT_KNOB } from '../speculation/decision/knob';

/*
 * How many decisions one core makes in a second: the bare rule, and the full row with probability, price, admissibility and budget.
 *
 *     npm run build && node dist/bench/decision-speed.js
 */

const ROUND_MS = 1_000;
const BATCH = 10_000;
const KEPT_ROWS = 500;

/** Times `decideOnce` for a second, after a second of warm-up. */
function perSecond(decideOnce: (index: number) => boolean): { perSecond: number; launched: number } {
  const run = (): { perSecond: number; launched: number } => {
    let launched = 0;
    let decisions = 0;
    const start = performance.now();
    let elapsedMs = 0;
    while (elapsedMs < ROUND_MS) {
      for (let index = 0; index < BATCH; index++) if (decideOnce(index)) launched += 1;
      decisions += BATCH;
      elapsedMs = performance.now() - start;
    }
    return { perSecond: (decisions / elapsedMs) * 1000, launched };
  };
  run();
  return run();
}

/** Different inputs, so that the compiler cannot fold the work away. */
function inputsOf(index: number): DecisionInputs {
  const probability = (index % 100) / 100;
  return {
    id: index,
    atMs: 0,
    pipeline: 'autoReply',
    upstream: 'classify',
    downstream: 'draft',
    dependencyType: 'router_k_way',
    k: 4,
    phase: 'launch',
    depth: 1,
    maxDepth: 3,
    supports: [
      [
        { upstream: 'classify', source: 'history', rank: 0, a: 3, b: 1, counts: { hits: 8, total: 10 }, probability },
        { upstream: 'lookUp', source: 'function', rank: 0, a: 19, b: 1, counts: null, probability: 0.95 },
      ],
    ],
    forecastDigest: '"billing"',
    declared: { effect: 'none', disclosure: 'public', abandonSafe: false },
    knob: { ...DEFAULT_KNOB, budgetUsd: index % 2 === 0 ? null : '0.25' },
    cost: {
      kind: 'tokens',
      model: 'small',
      expected: { inputTokens: 500, cachedInputTokens: 100, outputTokens: 800 },
      rates: { inputUsdPerMillion: 0.15, cachedInputUsdPerMillion: 0.075, outputUsdPerMillion: 0.6 },
    },
    latencySavedSeconds: 0.8,
    openLaunches: 1,
    maxOpenLaunches: 8,
    spentUsd: '0.0135',
    reservedUsd: '0.0005',
    policyName: 'cost-aware',
    policyVersion: '1',
    priceVersion: '1',
  };
}

function main(): void {
  const rows = Array.from({ length: BATCH }, (_, index) => inputsOf(index));
  const bare = perSecond((index) => shouldSpeculate((index % 100) / 100, 0.064, 0.0135, (index % 5) / 4));
  // Rows are kept, as a pipeline keeps them; otherwise the compiler would not even build them.
  const kept: Decision[] = [];
  const full = perSecond((index) => {
    const inputs = rows[index];
    if (inputs === undefined) return false;
    const row = decide(inputs);
    kept[index % KEPT_ROWS] = row;
    return row.decision === 'launch';
  });
  for (const [name, { perSecond: rate, launched }] of Object.entries({ 'bare rule': bare, 'full decision': full })) {
    console.log(`${name}: ${Math.round(rate).toLocaleString('en-US')} per second (${launched} launches)`);
  }
}

main();
