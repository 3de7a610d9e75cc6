import type { Candidate, EquivalentClaim } from './equivalent-claim';
import { Fiber } from './fiber';
import { runFiber } from './fork';
import type { Hypothesis } from './hypothesis';
import type { Operation } from './operation';
import type { Pipeline } from './pipeline';
import { nextRound } from './rounds';

/** A re-run that assumes outputs although they are known to have been others. It launches nothing: no hypothesis is open. */
class Probe extends Fiber {
  constructor(
    hypotheses: readonly Hypothesis[],
    startedAtMs: number,
    override readonly known: ReadonlyMap<string, Operation>,
  ) {
    super(hypotheses, startedAtMs);
  }

  protected override get plausible(): boolean {
    return true;
  }
}

/** All answers are there, so a re-run gets as far as it can within a few rounds. */
const MOST_ROUNDS = 4;

/**
 * Whether the launch is what the pipeline would have asked for, had the forecasts been the real outputs and everything else as it is.
 * A launch may differ from the call for other reasons: a signal has come since, or another branch has gone on. So the pipeline
 * function is run twice more. With the real outputs it has to ask for this very call, with the forecasts for this very launch, and
 * both at the same place.
 */
export async function differsByForecastsAlone(
  pipeline: Pipeline,
  { identity, position }: EquivalentClaim,
  { launch, fiber }: Candidate,
): Promise<boolean> {
  return (
    (await asksFor(pipeline, [], identity, position)) &&
    (await asksFor(pipeline, fiber.hypotheses, launch.identity, position))
  );
}

async function asksFor(
  pipeline: Pipeline,
  assumed: readonly Hypothesis[],
  identity: string,
  position: number,
): Promise<boolean> {
  // What equivalent forecasts led to is known where they are assumed; the real outputs led elsewhere.
  const known: ReadonlyMap<string, Operation> = assumed.length === 0 ? new Map() : pipeline.equivalence.standIns;
  const probe = new Probe(assumed, pipeline.startedAtMs, known);
  pipeline.fibers.add(probe);
  runFiber(pipeline, probe).catch(() => undefined);
  for (let round = 0; round < MOST_ROUNDS && probe.positionOf(identity) === undefined; round++) await nextRound();
  probe.end();
  return probe.positionOf(identity) === position;
}
