import { proxyActivities } from '@temporalio/workflow';
import type { VerifiedInput, VerifiedOutput } from './activities';

type Step = (input: VerifiedInput) => Promise<VerifiedOutput>;
type StepName = 'plan' | 'search' | 'recall' | 'write';

const steps = proxyActivities<Record<StepName | `verify ${StepName}`, Step>>({
  startToCloseTimeout: '1 minute',
  heartbeatTimeout: '10 seconds',
  retry: { maximumAttempts: 2 },
});

/** Every step is verified before the next one starts; what the verifier hands on is what counts. */
export async function verifiedReport({ case: name }: { case: string }): Promise<string> {
  const verified = async (step: StepName, text: string): Promise<string> => {
    const made = await steps[step]({ case: name, text });
    const checked = await steps[`verify ${step}`]({ case: name, text: made.text });
    return checked.text;
  };
  const plan = await verified('plan', name);
  const [found, known] = await Promise.all([verified('search', plan), verified('recall', plan)]);
  return verified('write', `${found}, ${known}`);
}
