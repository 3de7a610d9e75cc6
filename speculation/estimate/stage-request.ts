import type { CalibrationStage } from './calibration-stage';

/** Somebody's word that an edge is to stand elsewhere. */
export interface StageRequest {
  /** `upstream>downstream`. */
  edge: string;
  stage: CalibrationStage;
  reason: string;
  /** Who says so. */
  by: string;
  /** Where the edge is believed to stand; if it does not, nothing happens. @default wherever it stands */
  from?: CalibrationStage;
}

/** A request to move an edge that cannot be met. */
export class InvalidStageError extends Error {
  readonly code = 'RUNAHEAD_INVALID_STAGE';
  override readonly name = 'InvalidStageError';

  constructor(
    readonly field: string,
    value: unknown,
    wayOut: string,
  ) {
    super(`stage: ${field} is ${JSON.stringify(value) as string | undefined}; ${wayOut}`);
  }
}

const STAGES: readonly CalibrationStage[] = ['offline', 'shadow', 'canary', 'online', 'killed'];
/** What the control plane says of its own transitions. */
const NOBODY: ReadonlySet<string> = new Set(['gate', 'drift']);
const EDGE = /^[^>]+>[^>]+$/;
/** Characters of both activity types together; edges with longer names have no stage of their own. */
export const LONGEST_EDGE = 400;

/**
 * Checks a request that comes from outside. Written by hand, because it runs in the workflow sandbox.
 *
 * @throws InvalidStageError
 */
export function parseStageRequest(input: unknown): StageRequest {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new InvalidStageError('the request', input, 'use { edge, stage, reason, by }');
  }
  const { edge, stage, reason, by, from, ...others } = input as Record<string, unknown>;
  const [unknownField] = Object.entries(others);
  if (unknownField !== undefined) {
    throw new InvalidStageError(unknownField[0], unknownField[1], 'known here: edge, stage, reason, by, from');
  }
  if (typeof edge !== 'string' || !EDGE.test(edge) || edge.length > LONGEST_EDGE) {
    throw new InvalidStageError('edge', edge, 'use two activity types, such as "classify>draft"');
  }
  if (!isText(reason)) throw new InvalidStageError('reason', reason, 'say why, in a few words');
  if (!isText(by)) throw new InvalidStageError('by', by, 'say who decided it');
  if (NOBODY.has(by.trim()))
    throw new InvalidStageError('by', by, 'that is what the control plane calls itself; use a name');
  return {
    edge,
    stage: stageOf('stage', stage),
    reason: reason.trim(),
    by: by.trim(),
    ...(from !== undefined && { from: stageOf('from', from) }),
  };
}

/**
 * Whether an edge may be moved by somebody's word: to any stage, but from `killed` into the shadow only, where it shows itself anew.
 *
 * @throws InvalidStageError
 */
export function checkMove(current: CalibrationStage, { edge, stage, from }: StageRequest): void {
  if (from !== undefined && from !== current) {
    throw new InvalidStageError('from', from, `${edge} is ${current} by now; look again before you move it`);
  }
  if (current === 'killed' && stage !== 'shadow') {
    throw new InvalidStageError('stage', stage, `${edge} was killed, and leaves only to shadow`);
  }
}

function stageOf(field: string, stage: unknown): CalibrationStage {
  const known = STAGES.find((name) => name === stage);
  if (known === undefined) throw new InvalidStageError(field, stage, `use one of ${STAGES.join(', ')}`);
  return known;
}

function isText(input: unknown): input is string {
  return typeof input === 'string' && input.trim() !== '';
}
