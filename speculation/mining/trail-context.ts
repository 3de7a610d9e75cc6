import type { Trail } from '../forecast/trail';
import { opened } from './json-leaves';

/** Calls of the context, at most. */
const LONGEST = 3;

/** The last calls before an operation, from none to all of them: longer ones are rarer and say more. */
export function contextsOf(operation: string, trail: Trail): string[] {
  const contexts = [''];
  let context = '';
  let taken = 0;
  for (let index = trail.length - 1; taken < LONGEST; index -= 1) {
    const call = trail[index];
    // An own call is told by what followed from it, unless nothing did.
    if (call?.operation === operation && (trail[index + 1]?.operation ?? operation) !== operation) continue;
    context += ` < ${call === undefined ? 'start' : `${call.operation}:${kindOf(call.output)}`}`;
    contexts.push(context);
    taken += 1;
    if (call === undefined) break;
  }
  return contexts;
}

function kindOf(output: unknown): string {
  const value = opened(output);
  if (value === null || value === undefined) return 'none';
  if (Array.isArray(value)) return value.length === 0 ? 'empty' : 'list';
  return typeof value === 'string' ? 'text' : typeof value;
}
