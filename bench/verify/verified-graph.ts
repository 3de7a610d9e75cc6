import { constant, lognormal, type Distribution } from '../simulator/distribution';
import { pipeline, type CallPrice, type OperationSpec } from '../simulator/pipeline';
import { randomStream } from '../simulator/random-stream';
import type { Workload } from '../simulator/run-draw';

/** One node of the graph, and its verifier. */
export interface VerifiedNode {
  name: string;
  /** Nodes whose verified outputs it is given. */
  after: readonly string[];
  kind: 'model' | 'tool';
  seconds: number;
  /** The verifier takes so many times as long as the node. */
  verifierTimes: number;
  /** How often the verifier hands on what it was given. */
  matchRate: number;
}

/** Published ranges and maxima; what is drawn between them, and the shape of the graphs, is ours. */
const MODEL_MATCH = [0.6, 0.8] as const;
const TOOL_MATCH = [0.1, 0.13] as const;
const VERIFIER_TIMES = [1, 28.9] as const;
const TOOL_SHARE = 0.25;
const NODES = [5, 9] as const;
/** How far back a node looks for what it is given. */
const REACH = 3;

/**
 * A graph like those of Sherlock (arXiv:2511.00330), in which every node is verified: match rates of 0.6 to 0.8 for model calls and 0.10
 * to 0.13 for tools, verifiers up to 28.9 times as slow as their node. The last node is given whatever no other one is.
 */
export function verifiedGraph(seed: number, number: number): VerifiedNode[] {
  const random = randomStream(seed, 'verified graph', number);
  const within = ([low, high]: readonly [number, number]): number => low + (high - low) * random();
  const count = Math.floor(within([NODES[0], NODES[1] + 1]));
  const nodes: VerifiedNode[] = [];
  for (let index = 0; index < count; index += 1) {
    const isInner = index > 0 && index < count - 1;
    const kind = isInner && random() < TOOL_SHARE ? 'tool' : 'model';
    const near = nodes.slice(-REACH).map(({ name }) => name);
    const chosen = near.filter(() => random() < 0.5);
    const needed = chosen.length > 0 ? chosen : near.slice(-1);
    const given = new Set(nodes.flatMap(({ after }) => after));
    const loose = nodes.map(({ name }) => name).filter((name) => !given.has(name));
    nodes.push({
      name: `${number}.${index} ${kind}`,
      after: index === count - 1 ? [...new Set([...loose, ...needed])] : needed,
      kind,
      seconds: kind === 'tool' ? within([1, 3]) : within([2, 6]),
      verifierTimes: Math.exp(within([Math.log(VERIFIER_TIMES[0]), Math.log(VERIFIER_TIMES[1])])),
      matchRate: within(kind === 'tool' ? TOOL_MATCH : MODEL_MATCH),
    });
  }
  return nodes;
}

/** An A100 at 2.50 dollars an hour; what is published is GPU time. */
export const NODE_USD_PER_SECOND = 2.5 / 3600;
/** The maxima, 53.2 times the cost in 28.9 times the time, are taken for the ratio of prices of a second. */
export const VERIFIER_USD_PER_SECOND = (NODE_USD_PER_SECOND * 53.2) / 28.9;

/** How much a duration varies from run to run: standard deviation of its logarithm. */
const SPREAD = 0.25;

function verifierName(node: string): string {
  return `verify ${node}`;
}

/** Runs of several graphs by turns. */
export function verifiedWorkload(graphs: readonly (readonly VerifiedNode[])[]): Workload {
  const workloads = graphs.map(graphWorkload);
  return {
    name: 'verified graphs',
    draw: (run, random) => {
      const workload = workloads[run % workloads.length];
      if (workload === undefined) throw new RangeError('there is no graph');
      return workload.draw(run, random);
    },
  };
}

/** A node waits for the verifiers of what it is given; their forecast is that they hand it on, and costs nothing. */
function graphWorkload(nodes: readonly VerifiedNode[]): Workload {
  return pipeline(
    'verified graph',
    nodes.flatMap(({ name, after, seconds, verifierTimes, matchRate }): OperationSpec[] => [
      {
        name,
        after: after.map(verifierName),
        latency: around(seconds),
        price: perSecond(NODE_USD_PER_SECOND),
      },
      {
        name: verifierName(name),
        after: [name],
        latency: around(seconds * verifierTimes),
        price: perSecond(VERIFIER_USD_PER_SECOND),
        draft: { source: 'verify', latency: constant(0), hitProbabilities: [matchRate] },
      },
    ]),
  );
}

/** Price of one verification, US dollars. */
export function verifierUsd({ seconds, verifierTimes }: VerifiedNode): number {
  return seconds * verifierTimes * VERIFIER_USD_PER_SECOND;
}

function around(mean: number): Distribution {
  return lognormal({ mean, sigma: SPREAD });
}

function perSecond(usdPerSecond: number): CallPrice {
  return { kind: 'per-second', usdPerSecond };
}
