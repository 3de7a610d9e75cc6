import type { FaultReport } from '../faults/fault-report';
import { dollars } from './figures';
import { plainTable } from './plain-table';

const RANKING = ['#', 'operation', 'loss', '95 %', 'faults', 'errors', 'expected damage'];
const EFFECTS = ['operation', 'fault', 'runs', 'failed', 'cannot', 'mean score'];

/** The ranking, what each kind of fault did, and where verifiers are worth their price. */
export function faultsTable(report: FaultReport): string {
  const { pipeline, inputs, cleanRuns, faultedRuns, cleanScore, ranking, effects, placement } = report;
  return [
    `${pipeline}: ${inputs} inputs, ${cleanRuns} runs without a fault (mean score ${cleanScore.toFixed(3)}), ${faultedRuns} with one`,
    plainTable(
      RANKING,
      ranking.map(({ operation, loss, faults, errors, expectedDamage }, index) => [
        String(index + 1),
        operation,
        loss.value.toFixed(3),
        `${loss.low.toFixed(3)} to ${loss.high.toFixed(3)}`,
        String(faults),
        errors === null ? 'not counted' : `${errors.wrong}/${errors.of}`,
        expectedDamage.toFixed(3),
      ]),
      ['#', 'loss', 'faults', 'errors', 'expected damage'],
    ),
    plainTable(
      EFFECTS,
      effects.map(({ operation, fault, runs, failed, skipped, meanScore }) => [
        operation,
        fault,
        String(runs),
        String(failed),
        String(skipped),
        meanScore === null ? '' : meanScore.toFixed(3),
      ]),
      EFFECTS.slice(2),
    ),
    ...(placement === null ? [] : [placed(placement)]),
  ].join('\n\n');
}

function placed({ chosen, costUsd, damageAvoided, exact }: NonNullable<FaultReport['placement']>): string {
  if (chosen.length === 0) return 'No verifier is worth its price.';
  const list = chosen.map(({ operation, verifier }) => `${operation} (${verifier})`).join(', ');
  const how = exact ? '' : '; there may be a better choice, too many were possible';
  return `Verifiers: ${list}: ${dollars(costUsd)} a run for ${damageAvoided.toFixed(3)} points of expected damage${how}`;
}
