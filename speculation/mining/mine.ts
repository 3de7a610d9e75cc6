import type { Trail } from '../forecast/trail';
import { bestGuesses, type ScoredRule } from './best-guesses';
import { pointsOf, type ForecastPoint } from './forecast-point';
import type { MinedOperation, MinedPatterns } from './mined-patterns';
import { rulesOf } from './mined-rules';
import { tagsOf } from './output-tags';
import { reliabilityOf, type ScoreOutcome } from './reliability';
import { guessOf } from './rule-guess';
import type { ValueSource } from './value-source';

export interface MineOptions {
  /** Activity types whose outputs are to be forecast. @default all in the sessions */
  operations?: readonly string[];
  /**
   * For each session the group it belongs to, such as its task: what is true in one group only is no pattern, and the calibration leaves out
   * whole groups. @default each session is a group of its own
   */
  groups?: readonly string[];
}

/** Forecasts of each point whose coming true is counted. */
const COUNTED = 3;

/**
 * Mines from earlier runs where the outputs of operations come from.
 *
 * @param sessions the calls of one pipeline run each, in order
 */
export function mine(sessions: readonly Trail[], options: MineOptions = {}): MinedPatterns {
  const operations = options.operations ?? [...new Set(sessions.flatMap((each) => each.map((call) => call.operation)))];
  const groups = sessions.map((_session, index) => options.groups?.[index] ?? String(index));
  const found: Record<string, MinedOperation> = {};
  for (const operation of [...operations].sort()) {
    const mined = mineOperation(operation, sessions, groups);
    if (mined.templates.length > 0) found[operation] = mined;
  }
  return { version: 1, sessions: sessions.length, operations: found };
}

/** Counts of one rule in one context, in all and by group. */
interface Tally {
  hits: number;
  total: number;
  byGroup: Map<string, { hits: number; total: number }>;
}

interface CountedRule {
  template: string;
  sources: ValueSource[];
  contexts: Map<string, Tally>;
}

function mineOperation(operation: string, sessions: readonly Trail[], groups: readonly string[]): MinedOperation {
  const outputs = sessions.flatMap((session) =>
    session.filter((call) => call.operation === operation).map(({ output }) => output),
  );
  const tags = tagsOf(outputs);
  const points = pointsOf(operation, sessions, groups, tags);
  const templates = rulesOf(points);
  const rules = templates.map(({ template, rules }) =>
    rules.map((sources): CountedRule => ({ template, sources, contexts: new Map() })),
  );
  for (const rule of rules.flat()) for (const point of points) count(rule, point);
  return {
    tags,
    templates: templates.map(({ fixed, places }, index) => ({
      fixed,
      places,
      rules: (rules[index] ?? []).map(({ sources, contexts }) => ({
        sources,
        contexts: Object.fromEntries([...contexts].map(([context, { hits, total }]) => [context, [hits, total]])),
      })),
    })),
    reliability: reliabilityOf(outcomesLeftOut(points, rules.flat())),
  };
}

function count(
  { template, sources, contexts }: CountedRule,
  { group, situation, actual, contexts: at }: ForecastPoint,
): void {
  const guess = guessOf(situation, template, sources);
  if (guess === null) return;
  const right = guess.key === actual.key ? 1 : 0;
  for (const context of guess.again ? at.again : at.fresh) {
    let tally = contexts.get(context);
    if (tally === undefined) contexts.set(context, (tally = { hits: 0, total: 0, byGroup: new Map() }));
    let own = tally.byGroup.get(group);
    if (own === undefined) tally.byGroup.set(group, (own = { hits: 0, total: 0 }));
    for (const each of [tally, own]) {
      each.total += 1;
      each.hits += right;
    }
  }
}

/** What would have been forecast at each point from all groups but its own, and whether it came true. */
function outcomesLeftOut(points: readonly ForecastPoint[], rules: readonly CountedRule[]): ScoreOutcome[] {
  return points.flatMap((point) => {
    const scored: ScoredRule[] = rules.map(({ template, sources, contexts }) => ({
      template,
      sources,
      countsOf: (context) => {
        const tally = contexts.get(context);
        if (tally === undefined) return undefined;
        const own = tally.byGroup.get(point.group);
        return own === undefined ? [tally.hits, tally.total] : [tally.hits - own.hits, tally.total - own.total];
      },
    }));
    return bestGuesses(point.situation, point.contexts, scored, COUNTED).map(({ score, key }) => ({
      score,
      right: key === point.actual.key,
    }));
  });
}
