import { Context } from '@temporalio/activity';
import { between } from '../../streaming/variation';
import { LIVE_GRAPH, SECONDS_PER_SECOND } from './graph';

export interface VerifiedInput {
  case: string;
  text: string;
}

export interface VerifiedOutput {
  text: string;
}

type Step = (input: VerifiedInput) => Promise<VerifiedOutput>;

/** Durations, and whether a verifier agrees, depend on step and case alone: the same work under every policy. */
export function verifiedActivities(): Record<string, Step> {
  return Object.fromEntries(
    LIVE_GRAPH.flatMap(({ name, seconds, verifierTimes, matchRate }): [string, Step][] => [
      [
        name,
        async (input) => {
          await work(seconds, `${name}/${input.case}`);
          return { text: `${name} of (${input.text})` };
        },
      ],
      [
        `verify ${name}`,
        async (input) => {
          await work(seconds * verifierTimes, `verify ${name}/${input.case}`);
          const agrees = between(0, 1, `agrees ${name}/${input.case}`) < matchRate;
          return { text: agrees ? input.text : `${input.text}, revised` };
        },
      ],
    ]),
  );
}

/** The wait stands for the model behind the step. */
async function work(meanSeconds: number, key: string): Promise<void> {
  await Context.current().sleep((1000 * meanSeconds * between(0.75, 1.25, key)) / SECONDS_PER_SECOND);
}
