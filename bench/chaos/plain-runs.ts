import { canonicalJson } from '../../speculation/forecast/canonical-json';
import type { RunPlan } from './chaos-plan';
import type { ChaosStage } from './chaos-stage';
import { endingOf, startPipeline } from './drive-run';
import { readEffects } from './effect-log';
import { expectedOutcome } from './expected-outcome';
import { inParallel } from './in-parallel';

const PLAIN_CONCURRENCY = 6;

export interface PlainCheck {
  checked: number;
  identical: number;
  /** What is different, run by run. */
  problems: { run: number; what: string }[];
}

/** The evaluator that says what is expected is itself checked against Temporal without the plugin, while nothing fails. */
export async function runPlainly(stage: ChaosStage, plans: readonly RunPlan[]): Promise<PlainCheck> {
  const { bare } = stage.drivers;
  const problems: PlainCheck['problems'] = [];
  await inParallel(plans, PLAIN_CONCURRENCY, async ({ run, input, workflowId }) => {
    const id = `plain-${workflowId}`;
    await startPipeline(bare, stage.plain.taskQueue, id, input);
    const { result } = await endingOf(bare, id);
    const expected = expectedOutcome(input);
    const done = (await readEffects(stage.plain.effectsFile)).filter((effect) => effect.workflowId === id);
    const [seen, wanted] = [
      { result, effects: done.map(({ operation, args }) => ({ operation, args })) },
      { result: expected.result, effects: expected.effects },
    ].map((each) => canonicalJson(each));
    if (seen !== wanted) problems.push({ run, what: `the plain run gives ${seen ?? ''} instead of ${wanted ?? ''}` });
  });
  return { checked: plans.length, identical: plans.length - problems.length, problems };
}
