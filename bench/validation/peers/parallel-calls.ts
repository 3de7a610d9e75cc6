import { constant } from '../../simulator/distribution';
import { sequential } from '../../../speculation/policies/sequential';
import { pipeline, type OperationSpec } from '../../simulator/pipeline';
import { randomStream } from '../../simulator/random-stream';
import { simulate } from '../../simulator/simulate';
import { closedForm } from '../closed-form';

/** Calls that a model plans one after another, each planned for P seconds and executed for E. */
interface Calls {
  plan: number[];
  execute: number[];
  how: 'serial' | 'parallel' | 'stream';
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function operationsOf({ plan, execute, how }: Calls): OperationSpec[] {
  const last = plan.length - 1;
  return plan.flatMap((seconds, index): OperationSpec[] => {
    const before = how === 'serial' ? `execute ${index - 1}` : `plan ${index - 1}`;
    return [
      { name: `plan ${index}`, after: index === 0 ? [] : [before], latency: constant(seconds) },
      ...(how === 'parallel'
        ? []
        : [{ name: `execute ${index}`, after: [`plan ${index}`], latency: constant(execute[index] ?? 0) }]),
      ...(how === 'parallel' && index === last
        ? execute.map((each, at) => ({ name: `execute ${at}`, after: [`plan ${last}`], latency: constant(each) }))
        : []),
    ];
  });
}

function secondsOf(calls: Calls, seed: number): number {
  return simulate(pipeline('calls', operationsOf(calls)), { seed, runs: 1, policy: sequential }).total.seconds;
}

const EQUAL: Omit<Calls, 'how'> = { plan: [1, 0.5, 2, 1], execute: [3, 3, 3, 3] };
const UNEQUAL: Omit<Calls, 'how'> = { plan: [1, 1, 1], execute: [2, 0.5, 5] };

/** LLMCompiler, arXiv:2312.04511: no speculation, only a graph; the simulator must not be faster than it. */
export const llmCompiler = closedForm<Calls>({
  name: 'llm-compiler',
  title: 'LLMCompiler: serial sum(P + E), parallel sum P + max E, streamed sum P + E_last',
  origin: 'peer',
  form: ({ plan, execute, how }) => {
    switch (how) {
      case 'serial':
        return sum(plan) + sum(execute);
      case 'parallel':
        return sum(plan) + Math.max(...execute);
      case 'stream':
        return sum(plan) + (execute.at(-1) ?? 0);
    }
  },
  planted: {
    'planning overlaps too': ({ plan, execute }) => Math.max(...plan) + Math.max(...execute),
    'the mean instead of the longest': ({ plan, execute, how }) =>
      sum(plan) + (how === 'serial' ? sum(execute) : sum(execute) / execute.length),
  },
  simulate: ({ seed }) =>
    [EQUAL, UNEQUAL].flatMap((calls) =>
      (['serial', 'parallel', 'stream'] as const).map((how) => {
        const parameters = { ...calls, how };
        return { label: how, parameters, observed: secondsOf(parameters, seed) };
      }),
    ),
});

/** AsyncLM, arXiv:2412.07017: L_sync = sum G + sum E, L_async = max over calls of E + all that is generated before it is made. */
export const asyncLm = closedForm<Calls>({
  name: 'async-lm',
  title: 'AsyncLM: synchronous sum G + sum E, asynchronous max (E + sum of G before)',
  origin: 'peer',
  form: ({ plan, execute, how }) => {
    if (how === 'serial') return sum(plan) + sum(execute);
    return Math.max(...execute.map((seconds, index) => seconds + sum(plan.slice(0, index + 1))));
  },
  planted: {
    'the call that is made last ends last': ({ plan, execute, how }) =>
      how === 'serial' ? sum(plan) + sum(execute) : sum(plan) + (execute.at(-1) ?? 0),
  },
  simulate: ({ seed }) => {
    const random = randomStream(seed, 'async-lm');
    return Array.from({ length: 20 }, (_, index) => {
      const size = 2 + Math.floor(random() * 7);
      const seconds = (): number[] => Array.from({ length: size }, () => 0.2 + 3 * random());
      const parameters: Calls = { plan: seconds(), execute: seconds(), how: index % 4 === 0 ? 'serial' : 'stream' };
      return { label: `${size} calls`, parameters, observed: secondsOf(parameters, seed) };
    });
  },
});
