import { proxyActivities } from '@temporalio/workflow';
import type * as activities from './agent-activities';

const { nextStep, runTool } = proxyActivities<typeof activities>({ startToCloseTimeout: '2 minutes' });

const shared = globalThis as { transcript?: string[] };

export async function agent(goal: string): Promise<string[]> {
  const transcript = (shared.transcript ??= []);
  transcript.push(goal);
  for (let tool = await nextStep(transcript); tool !== null; tool = await nextStep(transcript)) {
    transcript.push(await runTool(tool));
  }
  return transcript;
}
