import { createHash } from 'node:crypto';
import { canonicalJson } from '../forecast/canonical-json';
import type { CallName } from '../runtime/protocol';

/** A call by a pipeline that has the plugin. */
export interface NamedCall {
  workflowId: string;
  activityType: string;
  args: readonly unknown[];
  call: CallName;
}

/** A call by anybody else. */
export interface UnnamedCall {
  workflowId: string;
  runId: string;
  activityId: string;
}

/**
 * Names a call once and for all: 64 hexadecimal digits. The same for the launch and for the plain call, for each attempt, and after a
 * reset of the workflow; different for every other call.
 */
export function callKey({ workflowId, activityType, args, call }: NamedCall): string {
  // Texts inside of a JSON array: whatever they contain, no two calls are written alike.
  return digest([workflowId, call.chain, activityType, call.occurrence, canonicalJson(args)]);
}

/** What is left without a name for the call: the same for each attempt, but not after a reset of the workflow. */
export function unnamedCallKey({ workflowId, runId, activityId }: UnnamedCall): string {
  return digest([workflowId, runId, activityId]);
}

function digest(parts: (string | number)[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
