import type { Candidate, EquivalentClaim } from './equivalent-claim';
import { judge } from './judge';
import type { Launch } from './launch';
import type { Pipeline } from './pipeline';
import { differsByForecastsAlone } from './probe';

/** Whether a call that waits for an equivalent launch can be brought further. */
export function hasEquivalenceWork({ equivalence }: Pipeline): boolean {
  return equivalence.claims.some((claim) => claim.state === 'asked' || verdictOf(claim) !== 'open');
}

/**
 * Brings the calls that wait for an equivalent launch further, one after the other. Part of the engine, which calls it only while the
 * pipeline is at rest and no local activity is under way: comparisons may be answered one by one or, in a replay, all at once.
 *
 * @param rest resolves when the authoritative run has gone as far as an answer lets it
 */
export async function followEquivalence(pipeline: Pipeline, rest: () => Promise<void>): Promise<void> {
  for (const claim of [...pipeline.equivalence.claims]) {
    if (claim.state === 'asked') await consider(pipeline, claim);
    // The pipeline may have ended meanwhile, or the scope of the call may have been left.
    if (isAnswered(claim)) continue;
    const verdict = verdictOf(claim);
    if (verdict === 'open') continue;
    answer(pipeline, claim, verdict);
    await rest();
  }
}

/** The pipeline is over or was cancelled: whoever waits makes the call as if nothing had been launched. */
export function abandonEquivalence({ equivalence }: Pipeline): void {
  for (const claim of equivalence.claims.splice(0)) claim.answer(null);
  for (const scope of equivalence.judges) scope.cancel();
}

/** Keeps the launches that would stand for the call, and has their forecasts compared. Each is compared once. */
async function consider(pipeline: Pipeline, claim: EquivalentClaim): Promise<void> {
  claim.state = 'judging';
  const fitting: Candidate[] = [];
  for (const candidate of claim.candidates) {
    if (await differsByForecastsAlone(pipeline, claim, candidate)) fitting.push(candidate);
    if (pipeline.stopped) return;
  }
  claim.candidates = fitting;
  for (const { fiber } of fitting) {
    for (const hypothesis of fiber.hypotheses) {
      if (hypothesis.state === 'refuted') judge(pipeline, hypothesis);
    }
  }
}

function isAnswered({ state }: EquivalentClaim): boolean {
  return state === 'answered';
}

/** The best candidate whose forecasts are all good; null when none is; `open` while a better one is being compared. */
function verdictOf(claim: EquivalentClaim): Launch | null | 'open' {
  for (const { launch, fiber } of claim.candidates) {
    if (!launch.claimable) continue;
    const verdicts = fiber.hypotheses.filter(({ state }) => state === 'refuted').map(({ judgement }) => judgement);
    if (verdicts.includes('different')) continue;
    return verdicts.every((verdict) => verdict === 'equivalent') ? launch : 'open';
  }
  return null;
}

function answer(pipeline: Pipeline, claim: EquivalentClaim, launch: Launch | null): void {
  pipeline.equivalence.remove(claim);
  // What was spared for this call may be an orphan now.
  pipeline.dirty = true;
  claim.answer(launch);
}
