import { proxyActivities, proxyLocalActivities, sleep } from '@temporalio/workflow';

interface Steps {
  first(input: unknown): Promise<unknown>;
  second(input: unknown): Promise<unknown>;
  third(input: unknown): Promise<unknown>;
  commit(input: unknown): Promise<unknown>;
  book(input: unknown): Promise<unknown>;
}

const steps = proxyActivities<Steps>({
  startToCloseTimeout: '20s',
  heartbeatTimeout: '10s',
  retry: { initialInterval: '5ms', maximumAttempts: 2 },
});

const localSteps = proxyLocalActivities<Steps>({
  startToCloseTimeout: '5s',
  retry: { initialInterval: '5ms', maximumAttempts: 2 },
});

/** A small language of pipeline shapes, so that a property test can make up pipelines nobody thought of. */
export type Program =
  | { kind: 'call'; operation: keyof Steps; input: 'state' | 'constant' }
  | { kind: 'local'; operation: 'first' | 'second' }
  | { kind: 'sequence'; parts: Program[] }
  | { kind: 'parallel'; parts: Program[] }
  | { kind: 'branch'; even: Program; odd: Program }
  | { kind: 'repeat'; times: number; body: Program }
  | { kind: 'recover'; body: Program }
  /** Goes on with a part of the state, where there is one. */
  | { kind: 'field'; name: 'value' | 'list' }
  /** Does the same with each element of the state, if it is a list. */
  | { kind: 'each'; body: Program }
  | { kind: 'pause' };

/** Runs a program on a state; the result tells every value that was seen. */
export async function generated(program: Program): Promise<string> {
  return JSON.stringify(await run(program, 'start'));
}

async function run(program: Program, state: unknown): Promise<unknown> {
  switch (program.kind) {
    case 'call':
      return steps[program.operation](program.input === 'state' ? state : 'constant');
    case 'local':
      return localSteps[program.operation](state);
    case 'sequence': {
      let current = state;
      for (const part of program.parts) current = await run(part, current);
      return current;
    }
    case 'parallel':
      return Promise.all(program.parts.map((part) => run(part, state)));
    case 'branch':
      return run(JSON.stringify(state).length % 2 === 0 ? program.even : program.odd, state);
    case 'repeat': {
      let current = state;
      for (let round = 0; round < program.times; round++) current = await run(program.body, current);
      return current;
    }
    case 'recover':
      try {
        return await run(program.body, state);
      } catch {
        return 'recovered';
      }
    case 'field':
      return partOf(state, program.name);
    case 'each':
      return Array.isArray(state) ? Promise.all(state.map((element) => run(program.body, element))) : state;
    case 'pause':
      await sleep(5);
      return state;
  }
}

function partOf(state: unknown, name: string): unknown {
  if (typeof state !== 'object' || state === null) return state;
  return (state as Record<string, unknown>)[name] ?? state;
}
