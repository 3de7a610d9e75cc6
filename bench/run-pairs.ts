import type { Client } from '@temporalio/client';
import { canonicalJson } from '../speculation/forecast/canonical-json';

/** Where one side's requests go. */
export interface Lane {
  client: Client;
  taskQueue: string;
}

/** One request on one side. */
export interface SideRun {
  workflowId: string;
  /** Wall time that the client saw, from start to result. */
  latencyMs: number;
  /** Canonical JSON of the result. */
  result: string;
}

export interface PairRun {
  plain: SideRun;
  runahead: SideRun;
}

export interface PairsRequest {
  pipeline: string;
  inputs: readonly unknown[];
  plain: Lane;
  runahead: Lane;
  /** Pairs that run at the same time. */
  pairs: number;
  /** Both sides of a pair at the same time: quicker, but no comparison. */
  together: boolean;
  /** Makes workflow ids of one run its own. */
  tag: string;
  onPair: (pair: PairRun) => void;
}

/** A request of the comparison failed; the message has all causes. */
export class RequestFailedError extends Error {
  override readonly name = 'RequestFailedError';
  readonly code = 'REQUEST_FAILED';

  constructor(workflowId: string, cause: unknown) {
    const reasons: string[] = [];
    for (let each = cause; each instanceof Error; each = each.cause) reasons.push(each.message);
    super(`The request ${workflowId} failed: ${reasons.join(': ')}`, { cause });
  }
}

/**
 * Runs each input on both sides, one after the other; which side goes first alternates, so that neither has the machine to itself.
 */
export async function runPairs(request: PairsRequest): Promise<PairRun[]> {
  const { inputs, pipeline, tag, pairs } = request;
  const results: PairRun[] = [];
  let next = 0;
  const serve = async (): Promise<void> => {
    for (let index = next; index < inputs.length; index = next) {
      next += 1;
      const run = (side: 'plain' | 'runahead'): Promise<SideRun> =>
        runOne(request[side], pipeline, `${tag}-${side}-${index}`, inputs[index]);
      let pair: PairRun;
      if (request.together) {
        const [plain, runahead] = await Promise.all([run('plain'), run('runahead')]);
        pair = { plain, runahead };
      } else if (index % 2 === 0) {
        const plain = await run('plain');
        pair = { plain, runahead: await run('runahead') };
      } else {
        const runahead = await run('runahead');
        pair = { plain: await run('plain'), runahead };
      }
      results[index] = pair;
      request.onPair(pair);
    }
  };
  await Promise.all(Array.from({ length: Math.min(pairs, inputs.length) }, serve));
  return results;
}

async function runOne(lane: Lane, pipeline: string, workflowId: string, input: unknown): Promise<SideRun> {
  const startMs = performance.now();
  let result: unknown;
  try {
    result = await lane.client.workflow.execute(pipeline, { taskQueue: lane.taskQueue, workflowId, args: [input] });
  } catch (cause) {
    throw new RequestFailedError(workflowId, cause);
  }
  return { workflowId, latencyMs: performance.now() - startMs, result: canonicalJson(result) };
}
