import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const step = z.union([
  z.object({ role: z.literal('tool'), name: z.string(), content: z.string() }),
  z.object({ role: z.literal('assistant'), call: z.string(), args: z.record(z.string(), z.unknown()) }),
  z.object({ role: z.enum(['user', 'assistant']), content: z.string() }),
]);
const conversation = z.object({ task_id: z.number(), trial: z.number(), steps: z.array(step).min(1) });

/** What the recorded agent did in one round, and what came back. */
export type RecordedRound =
  | { kind: 'call'; tool: string; args: Record<string, unknown>; result: string }
  | { kind: 'reply'; text: string; next: string | null };

export interface RecordedConversation {
  /** `airline/TASK/TRIAL`. */
  scenarioId: string;
  task: number;
  trial: number;
  /** The traveller's first message. */
  goal: string;
  rounds: RecordedRound[];
}

/** The folder with recordings cannot be used. */
export class RecordingsUnavailableError extends Error {
  readonly code = 'RECORDINGS_UNAVAILABLE';

  constructor(folder: string, reason: string, options?: ErrorOptions) {
    super(
      `No recorded conversations in "${folder}": ${reason}. Give a folder with tau-bench conversations as *.jsonl (--airline DIR or RUNAHEAD_AIRLINE_DATA), or leave it out and the sample scenarios run.`,
      options,
    );
    this.name = 'RecordingsUnavailableError';
  }
}

/** The user simulator of the recordings ends a conversation with this word. */
const STOP = '###STOP###';

function camelCase(snake: string): string {
  return snake.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}

function toRounds(steps: z.infer<typeof conversation>['steps']): RecordedRound[] {
  const rounds: RecordedRound[] = [];
  for (const [index, current] of steps.entries()) {
    if (current.role !== 'assistant') continue;
    const following = steps[index + 1];
    if ('call' in current) {
      const result = following?.role === 'tool' ? following.content : '';
      rounds.push({ kind: 'call', tool: camelCase(current.call), args: current.args, result });
    } else {
      const said = following?.role === 'user' && 'content' in following ? following.content : STOP;
      rounds.push({ kind: 'reply', text: current.content, next: said.includes(STOP) ? null : said });
    }
  }
  return rounds;
}

/**
 * Reads recorded agent conversations, one JSON object a line. The format is that of the tau-bench airline recordings:
 * `{task_id, trial, steps}` with steps of a user, an assistant (text or one call) and tool results.
 *
 * @throws RecordingsUnavailableError when the folder or its content cannot be used.
 */
export function readRecordedConversations(folder: string): RecordedConversation[] {
  let files: string[];
  try {
    files = readdirSync(folder).filter((name) => name.endsWith('.jsonl'));
  } catch (cause) {
    throw new RecordingsUnavailableError(folder, 'the folder cannot be read', { cause });
  }
  const lines = files.sort().flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'));
  const conversations = lines
    .filter((line) => line.trim() !== '')
    .map((line, index) => {
      try {
        const { task_id: task, trial, steps } = conversation.parse(JSON.parse(line));
        const first = steps[0];
        const goal = first !== undefined && 'content' in first ? first.content : '';
        return { scenarioId: `airline/${task}/${trial}`, task, trial, goal, rounds: toRounds(steps) };
      } catch (cause) {
        throw new RecordingsUnavailableError(folder, `line ${index + 1} is not a conversation`, { cause });
      }
    });
  if (conversations.length === 0) throw new RecordingsUnavailableError(folder, 'no *.jsonl file with a conversation');
  return conversations;
}

let cache: { folder: string; byId: Map<string, RecordedConversation> } | null = null;

/** The recording behind a scenario, from the folder that `RUNAHEAD_AIRLINE_DATA` names; null for a scenario of our own. */
export function recordedConversation(scenarioId: string): RecordedConversation | null {
  if (!scenarioId.startsWith('airline/')) return null;
  const folder = process.env['RUNAHEAD_AIRLINE_DATA'] ?? '';
  if (cache?.folder !== folder) {
    cache = { folder, byId: new Map(readRecordedConversations(folder).map((entry) => [entry.scenarioId, entry])) };
  }
  return cache.byId.get(scenarioId) ?? null;
}
