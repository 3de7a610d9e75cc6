import { AGENT_PROMPT } from '../../activities/agent-step';
import type { AgentStep } from '../../activities/agent-step';
import { recordedConversation } from '../../activities/recorded-conversations';
import type { ModelMessage } from '../../activities/model-request';
import type { LocalModelReply } from '../local-model';
import { callAnswer, textAnswer } from './scenario-answer';
import { stableHash } from './stable-hash';
import { nextTravelStep } from './travel-agent';
import type { MadeCall } from './travel-agent';

/** What the agent says next: as recorded, or as the sample agent would. Null for prompts of other pipelines. */
export function answerToolAgent(messages: readonly ModelMessage[]): LocalModelReply | null {
  const system = messages[0]?.content ?? '';
  if (!system.startsWith(AGENT_PROMPT)) return null;
  const scenarioId = /^Conversation: (.*)$/m.exec(system)?.[1] ?? '';
  const round = messages.filter(({ role }) => role === 'assistant').length;
  const step = recordedStep(scenarioId, round) ?? nextTravelStep(messages[1]?.content ?? '', madeCalls(messages));
  const jitter = stableHash(`${scenarioId}${round}`, 80);
  return step.kind === 'call' ? callAnswer(step, 300, 180 + jitter) : textAnswer(step.text, 300, 200 + jitter);
}

function recordedStep(scenarioId: string, round: number): AgentStep | null {
  const recording = recordedConversation(scenarioId);
  if (recording === null) return null;
  const step = recording.rounds[round];
  if (step === undefined) return { kind: 'reply', text: 'That is all.' };
  return step.kind === 'call' ? { kind: 'call', tool: step.tool, args: step.args } : { kind: 'reply', text: step.text };
}

function madeCalls(messages: readonly ModelMessage[]): MadeCall[] {
  return messages.flatMap((message, index) => {
    if (message.role !== 'assistant') return [];
    const result = messages[index + 1]?.content ?? '';
    return (message.toolCalls ?? []).map(({ name, arguments: args }) => ({ tool: name, args, result }));
  });
}
