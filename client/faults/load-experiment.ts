import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { nearestNames } from '../../speculation/decision/nearest-names';
import type { FaultExperiment } from '../../speculation/plugin/fault-experiment';
import { OperatorError } from '../operator-error';
import { SHIPPED_EXPERIMENTS, shippedExperiment, type ShippedExperiment } from './shipped-experiments';

/**
 * The experiment of a pipeline that ships, or what a JavaScript file exports as `experiment`.
 *
 * @param inputs how many inputs the experiments that ship have
 * @throws OperatorError
 */
export async function loadExperiment(name: string, seed: number, inputs: number): Promise<FaultExperiment> {
  if (SHIPPED_EXPERIMENTS.includes(name as ShippedExperiment)) {
    return shippedExperiment(name as ShippedExperiment, seed, inputs);
  }
  const path = resolve(name);
  if (!existsSync(path)) {
    const nearest = nearestNames(name, SHIPPED_EXPERIMENTS);
    throw new OperatorError(
      `faults: "${name}" is no file and no pipeline that ships${nearest === '' ? '' : `; did you mean ${nearest}?`} ` +
        `(${SHIPPED_EXPERIMENTS.join(', ')}). A file exports experiment = defineFaultExperiment({ ... }), compiled to JavaScript.`,
    );
  }
  let module: Record<string, unknown>;
  try {
    module = (await import(pathToFileURL(path).href)) as Record<string, unknown>;
  } catch (cause) {
    throw new OperatorError(
      `faults: ${name} cannot be loaded (${cause instanceof Error ? cause.message : String(cause)}).`,
      {
        cause,
      },
    );
  }
  const experiment = module['experiment'] ?? (module['default'] as Record<string, unknown> | undefined)?.['experiment'];
  if (isExperiment(experiment)) return experiment;
  throw new OperatorError(
    `faults: ${name} has no experiment. Let it export const experiment = defineFaultExperiment({ ... }) from "runahead".`,
  );
}

function isExperiment(value: unknown): value is FaultExperiment {
  const known = value as Partial<FaultExperiment> | null | undefined;
  return typeof known?.pipeline === 'string' && Array.isArray(known.faults) && typeof known.score === 'function';
}
