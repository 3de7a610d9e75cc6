import type { AgentStep, Turn } from '../../activities/agent-step';
import { tokenPieces } from '../../activities/count-tokens';
import type { ModelMessage } from '../../activities/model-request';
import { readTools } from '../../activities/tool-agent';
import type { LocalModelReply, LocalModelRequest } from '../../workers/local-model';
import { draftGuesses } from './draft-guesses';
import { drawnSeconds } from './latencies';
import { standingIn, stepAfter, type Recording } from './recording';

/** The model that had the recorded conversations. */
export const AGENT_MODEL = 'gpt-4o';
/** Guesses what it will do. */
export const DRAFT_MODEL = 'gpt-4o-mini';
/** Most tokens of an answer. The copies of a call ask for a few more, which is how the model tells them apart: each takes its own time. */
export const MOST_TOKENS = 1_500;

/** Share of an answer's time until its first token. Ours: what is published are times of whole steps. */
const UNTIL_FIRST_TOKEN = 0.3;

export interface AgentModelOptions {
  seed: number;
  recordings: ReadonlyMap<string, Recording>;
  /** How many times faster than real life. */
  compression: number;
}

/** The model's mind: it answers with what was recorded, in the time that is drawn for it. */
export function agentModel({
  seed,
  recordings,
  compression,
}: AgentModelOptions): (request: LocalModelRequest) => LocalModelReply {
  return ({ model, messages, maxTokens }) => {
    const recording = recordings.get(scenarioOf(messages));
    if (recording === undefined) throw new Error(`There is no recording of ${scenarioOf(messages)}`);
    const transcript = transcriptOf(messages);
    const { round, strayTurns } = standingIn(recording, transcript);
    const copy = Math.max(0, (maxTokens ?? MOST_TOKENS) - MOST_TOKENS);
    const kind = model === DRAFT_MODEL ? 'draft' : 'agent step';
    const seconds = drawnSeconds(seed, kind, recording.scenarioId, round, strayTurns, copy) / compression;
    if (kind === 'draft') {
      const text = JSON.stringify(draftGuesses(seed, recording, transcript, elsewhere(recordings, recording)));
      return { text, ...paceOf(text, seconds) };
    }
    const step = stepAfter(recording, transcript);
    return { ...saying(step), ...paceOf(textOf(step), seconds) };
  };
}

function saying(step: AgentStep): LocalModelReply {
  return step.kind === 'reply' ? { text: step.text } : { toolCalls: [{ name: step.tool, arguments: step.args }] };
}

function textOf(step: AgentStep): string {
  return step.kind === 'reply' ? step.text : JSON.stringify(step.args);
}

function paceOf(text: string, seconds: number): Pick<LocalModelReply, 'ttftMs' | 'tokensPerSecond'> {
  return {
    ttftMs: seconds * UNTIL_FIRST_TOKEN * 1000,
    tokensPerSecond: Math.max(1, tokenPieces(text).length) / (seconds * (1 - UNTIL_FIRST_TOKEN)),
  };
}

/** Named in the system prompt, as the pipeline that ships has it. */
function scenarioOf(messages: readonly ModelMessage[]): string {
  const [system] = messages;
  return /^Conversation: (\S+)$/m.exec(system?.content ?? '')?.[1] ?? '(no conversation)';
}

function transcriptOf(messages: readonly ModelMessage[]): Turn[] {
  return messages.flatMap((message): Turn[] => {
    if (message.role === 'user') return [{ role: 'user', text: message.content }];
    if (message.role !== 'assistant') return [];
    const [call] = message.toolCalls ?? [];
    if (call === undefined) return [{ role: 'assistant', text: message.content ?? '' }];
    return [{ role: 'tool', tool: call.name, args: call.arguments, result: '' }];
  });
}

/** Calls of reading tools in the recordings of other tasks. */
function elsewhere(recordings: ReadonlyMap<string, Recording>, { task }: Recording): AgentStep[] {
  return [...recordings.values()]
    .filter((other) => other.task !== task)
    .flatMap(({ rounds }) =>
      rounds.flatMap(({ step }) => (step.kind === 'call' && isReading(step.tool) ? [step] : [])),
    );
}

function isReading(tool: string): boolean {
  return Object.hasOwn(readTools, tool);
}
