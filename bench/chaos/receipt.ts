import { stableHash } from '../../workers/sample-model/stable-hash';
import type { EffectArguments, EffectOperation } from './chaos-input';

/** What an effect answers to the pipeline: the same for the same call. */
export function receiptOf(operation: EffectOperation, { run, name, text }: EffectArguments): string {
  return `${operation} ${name} ${stableHash(`${run}/${text}`, 1_000_000)}`;
}
