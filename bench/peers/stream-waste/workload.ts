import { gamma } from '../../simulator/distribution';
import { READS_ONLY } from '../../simulator/pipeline';
import type { Random } from '../../simulator/random-stream';
import type { CallDraw, DraftDraw, OperationDraw, Workload } from '../../simulator/run-draw';
import type { StreamShape } from './shapes';

const FREE = { inputUsd: 0, outputUsd: 0 } as const;
/** How much one run differs from another. */
const VARIATION = gamma({ mean: 1, shape: 50 });

/**
 * A streamed program as operations. `text`: what of the program a call needs, final before the program ends and known in the plain run only
 * at its end. `call`: needs its text, and that the program gets there, which the call before it decides; that it does is a free guess, and
 * how often it is right is learned. Calls beyond the last are never made: they cost only whoever launches them.
 *
 * @param priceUsd of one call
 * @param varied whether runs differ, or all take what is published
 */
export function streamWorkload(shape: StreamShape, priceUsd: number, varied = true): Workload {
  const expected = {
    text: { latencySeconds: [shape.programSeconds], cost: { kind: 'fixed', usd: 0 } as const },
    call: { latencySeconds: [shape.callSeconds], cost: { kind: 'fixed', usd: priceUsd } as const },
  };
  return {
    name: shape.name,
    draw: (_run, random) => {
      const program = shape.programSeconds * (varied ? VARIATION.sample(random) : 1);
      const call = (anew: Random): CallDraw => ({
        latencySeconds: shape.callSeconds * (varied ? VARIATION.sample(anew) : 1),
        inputUsd: priceUsd,
        outputUsd: 0,
      });
      const all = shape.calls + shape.beyond;
      return {
        operations: Array.from({ length: all }, (_, index): OperationDraw[] => {
          const made = index < shape.calls;
          const text: OperationDraw = {
            name: 'text',
            after: [],
            ...textOf(shape, index, all, program),
            candidates: 'exclusive',
            declared: READS_ONLY,
            expected: expected.text,
          };
          // Whoever thinks of calls beyond the last thinks of them as going on.
          const goesOn = shape.beyond === 0 || index !== shape.calls - 1;
          const called: OperationDraw = {
            name: 'call',
            after: index === 0 ? [0] : [2 * index, 2 * index - 1],
            call: made ? call(random) : { latencySeconds: 0, ...FREE },
            // Where the loop ends is known by then: nothing is begun.
            ...(!made && { launched: { latencySeconds: 0, ...FREE } }),
            astray: call,
            drafts: shape.dependent ? [] : [known('function', 0, goesOn)],
            candidates: 'exclusive',
            declared: READS_ONLY,
            expected: expected.call,
          };
          return [text, called];
        }).flat(),
      };
    },
  };
}

/** When the text of a call is final: all at once where a loop makes the calls, else one after another until the program ends. */
function textOf(
  { textShare, texts, staleAfterSeconds }: StreamShape,
  index: number,
  all: number,
  programSeconds: number,
): Pick<OperationDraw, 'call' | 'drafts'> {
  const share = texts === 'at-once' ? textShare : textShare + (1 - textShare) * (index / all);
  const finalSeconds = share * programSeconds;
  if (staleAfterSeconds === null || index === 0) {
    return { call: { latencySeconds: programSeconds, ...FREE }, drafts: [known('stream', finalSeconds, true)] };
  }
  // What it is called with is known only when the state has changed, and at first it looks as if it were known before.
  const knownSeconds = finalSeconds + staleAfterSeconds;
  const latencySeconds = Math.max(programSeconds, knownSeconds) + 1e-6;
  const stale = known('stream', finalSeconds, false);
  return {
    call: { latencySeconds, ...FREE },
    drafts: [
      {
        ...stale,
        candidates: stale.candidates.map((each) => ({
          ...each,
          reestimates: refutedAt(knownSeconds / latencySeconds),
        })),
      },
      known('user', knownSeconds, true),
    ],
  };
}

function refutedAt(atShare: number): { atShare: number; probability: number }[] {
  return [{ atShare, probability: 0 }];
}

/** What somebody can say for nothing, after so many seconds. */
function known(source: DraftDraw['source'], latencySeconds: number, right: boolean): DraftDraw {
  return { source, latencySeconds, ...FREE, candidates: [{ rank: 0, right, trueProbability: right ? 1 : 0 }] };
}
