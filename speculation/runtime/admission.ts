import type { ActivityInput } from '@temporalio/workflow';
import { decide, type Decision } from '../decision/decision';
import { launchQuantities } from '../decision/launch-quantities';
import { byValuePerDollar } from '../decision/value-per-dollar';
import type { EdgePrediction } from '../estimate/observation';
import { launchPolicy } from '../policies/by-name';
import type { LaunchPolicy } from '../policies/launch-policy';
import { decisionInputs, probabilityOf } from './decision-inputs';
import { held, type Fiber } from './fiber';
import type { Hypothesis } from './hypothesis';
import type { Launch } from './launch';
import { start } from './launching';
import { lookUp } from './look-up';
import type { Pipeline } from './pipeline';
import { byIdentity, type Proposal } from './proposal';
import { share } from './share';

/** A fiber asks for a call that nobody has made: it waits until the engine has decided, see `admit`. */
export function propose(pipeline: Pipeline, fiber: Fiber, identity: string, input: ActivityInput): Promise<unknown> {
  if (fiber.openHypotheses.length === 0) return held();
  if (!pipeline.ranksLaunches) return proposeAlone(pipeline, fiber, identity, input);
  const { strand } = fiber;
  // The call may have been held in an earlier fiber on the same stream: the same answer again is no news.
  const heldFor = pipeline.waiting.find((waiting) => waiting.identity === identity)?.heldFor ?? null;
  return new Promise((answer) => pipeline.proposals.push({ identity, fiber, strand, input, answer, heldFor }));
}

/** As pipelines do that were started before launches were ranked. */
function proposeAlone(pipeline: Pipeline, fiber: Fiber, identity: string, input: ActivityInput): Promise<unknown> {
  const fibers = [...(pipeline.asked.get(identity) ?? []).filter((each) => each.live), fiber];
  pipeline.asked.set(identity, fibers);
  const { launch } = decideNow(pipeline, fibers, fiber.strand.depth, identity, input, null);
  return launch === null ? held() : share(fiber, launch);
}

/**
 * Decides what fibers ask for, best expected value per dollar first, so that the best get what is left of slots and budgets. What is
 * decided against waits, because room may be freed, the knob turned, or a hypothesis come true that it rests on.
 */
export function admit(pipeline: Pipeline): void {
  const undecided = pipeline.proposals.splice(0);
  const again = pipeline.reconsider ? pipeline.waiting.splice(0) : [];
  pipeline.reconsider = false;
  const groups = byIdentity(
    [...again, ...undecided].filter(({ fiber }) => fiber.live && fiber.openHypotheses.length > 0),
  );
  const ranked = groups.flatMap((group, index) => {
    const candidate = followed(pipeline, group) ? null : valued(pipeline, group, index);
    return candidate === null ? [] : [candidate];
  });
  for (const { group } of ranked.sort(inOrderOf(launchPolicy(pipeline.policyName)))) decideTogether(pipeline, group);
}

/** Best value per dollar first, or as the policy has it. */
function inOrderOf(policy: LaunchPolicy): (left: Decision, right: Decision) => number {
  if (policy.priority === undefined) return byValuePerDollar;
  const priority = (row: Decision): number => policy.priority?.(launchQuantities(row, row)) ?? 0;
  return (left, right) => priority(right) - priority(left) || byValuePerDollar(left, right);
}

/** Somebody else may have made the call in the meantime. */
function followed(pipeline: Pipeline, group: readonly Proposal[]): boolean {
  const [{ identity }] = group as [Proposal];
  const launched = pipeline.launches.get(identity);
  const made = pipeline.journal.get(identity) ?? (launched?.claimable === true ? launched : undefined);
  // One that was launched and failed is not launched again, as for a fiber that asks only now.
  if (made === undefined) return launched !== undefined;
  for (const { fiber, strand, answer } of group) {
    if (made === launched) launched.wantedBy(fiber);
    answer(share(fiber, made, strand));
  }
  return true;
}

function valued(pipeline: Pipeline, group: Proposal[], id: number): (Decision & { group: Proposal[] }) | null {
  const newest = group.at(-1);
  const hypothesis = newest?.fiber.openHypotheses.at(-1);
  if (newest === undefined || hypothesis === undefined) return null;
  const fibers = group.map(({ fiber }) => fiber);
  const inputs = decisionInputs(pipeline, fibers, depthOf(group), hypothesis, newest.identity, newest.input);
  return { ...decide({ ...inputs, id }), group };
}

function decideTogether(pipeline: Pipeline, group: readonly Proposal[]): void {
  const fibers = group.map(({ fiber }) => fiber);
  const newest = group.at(-1);
  if (newest === undefined) return;
  const { decision, launch } = decideNow(
    pipeline,
    fibers,
    depthOf(group),
    newest.identity,
    newest.input,
    newest.heldFor,
  );
  for (const proposal of group) {
    if (launch !== null) proposal.answer(share(proposal.fiber, launch, proposal.strand));
    else if (mayChange(decision)) pipeline.waiting.push({ ...proposal, heldFor: decision.reason });
  }
}

/** Number of launches that the call builds on, in the fiber that has come the farthest. */
function depthOf(group: readonly Proposal[]): number {
  return Math.max(...group.map(({ strand }) => strand.depth));
}

/** Whether a launch that was decided against may be decided for later. What is inadmissible stays so. */
function mayChange({ reason }: Decision): boolean {
  return reason !== 'inadmissible' && reason !== 'inadmissible-when-planned' && reason !== 'too-deep';
}

/** This is where a launch is decided. */
function decideNow(
  pipeline: Pipeline,
  fibers: readonly Fiber[],
  depth: number,
  identity: string,
  input: ActivityInput,
  heldFor: Decision['reason'] | null,
): { decision: Decision; launch: Launch | null } {
  const newest = fibers.at(-1)?.openHypotheses.at(-1);
  if (newest === undefined) throw new Error(`${input.activityType} is asked for without an open hypothesis`);
  const inputs = decisionInputs(pipeline, fibers, depth, newest, identity, input);
  const decision = decide({ ...inputs, id: pipeline.nextDecision() });
  for (const fiber of fibers) predict(fiber.openHypotheses.at(-1), decision);
  if (decision.decision === 'hold') {
    // The same answer again is no news.
    if (decision.reason !== heldFor) pipeline.books.decisions.log(decision, { hypothesis: newest });
    return { decision, launch: null };
  }
  const launch = start(pipeline, identity, input, decision, newest);
  for (const fiber of fibers) launch.wantedBy(fiber);
  lookUp(pipeline, launch);
  return { decision, launch };
}

/** What the decision expected of the forecast itself; its outcome teaches how good such expectations are. */
function predict(hypothesis: Hypothesis | undefined, decision: Decision): void {
  if (hypothesis === undefined) return;
  const { downstream, latencyValueUsd, speculativeCostUsd } = decision;
  // The value of what may never be launched is nothing to learn from.
  const wanted = decision.wanted && decision.admissible;
  const launched = decision.decision === 'launch';
  const { probability } = probabilityOf(hypothesis, downstream);
  const prediction: EdgePrediction = { probability, latencyValueUsd, speculativeCostUsd, wanted, launched };
  hypothesis.askedFor.set(downstream, prediction);
}
