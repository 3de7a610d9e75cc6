import { gateInWords } from '../speculation/estimate/calibration-gate';
import type { EdgeReport } from '../speculation/estimate/calibration-report';
import type { CalibrationStage } from '../speculation/estimate/calibration-stage';
import { OperatorError } from './operator-error';

export type StageCommand = 'promote' | 'demote' | 'reset';

const ORDER: readonly CalibrationStage[] = ['killed', 'offline', 'shadow', 'canary', 'online'];

/**
 * Where a command moves an edge: `promote` one stage up, `demote` one stage down, `reset` into the shadow, unless told where to.
 *
 * @throws OperatorError for a direction that is not the command's, and for a gate that is not passed yet
 */
export function stageMove(
  command: StageCommand,
  { edge, stage, gate }: EdgeReport,
  { to, force }: { to?: string | undefined; force: boolean },
): CalibrationStage {
  const target = to === undefined ? defaultTarget(command, edge, stage) : namedStage(to);
  if (command === 'reset') {
    if (target === 'shadow' || target === 'offline') return target;
    throw new OperatorError(`A reset leads to shadow or offline, not to ${target}: ${edge} has to show itself anew.`);
  }
  if (stage === 'killed') {
    throw new OperatorError(`${edge} was killed. "runahead calibration reset" puts it back into the shadow.`);
  }
  const distance = ORDER.indexOf(target) - ORDER.indexOf(stage);
  if (command === 'promote' ? distance <= 0 : distance >= 0) {
    throw new OperatorError(`${edge} is ${stage}: ${target} is no ${command === 'promote' ? 'pro' : 'de'}motion.`);
  }
  if (command === 'promote' && !force && gate?.passes !== true) {
    const missing =
      gate === null ? '' : `: ${gateInWords({ ...gate, checks: gate.checks.filter(({ passes }) => !passes) })}`;
    throw new OperatorError(
      `${edge} has not shown enough to leave ${stage}${missing}. To promote it anyway, add --force.`,
    );
  }
  return target;
}

function defaultTarget(command: StageCommand, edge: string, stage: CalibrationStage): CalibrationStage {
  if (command === 'reset') return 'shadow';
  const target = ORDER[ORDER.indexOf(stage) + (command === 'promote' ? 1 : -1)];
  if (target === undefined) throw new OperatorError(`${edge} is ${stage}, and there is nothing beyond that.`);
  // Killing is not a step down that anybody takes by default.
  if (target === 'killed') throw new OperatorError(`${edge} is ${stage}. To stop it for good, name it: --to killed.`);
  return target;
}

function namedStage(name: string): CalibrationStage {
  const stage = ORDER.find((known) => known === name);
  if (stage === undefined) throw new OperatorError(`--to ${name} is no stage; use one of ${ORDER.join(', ')}.`);
  return stage;
}
