import type { AgentStep, Turn } from '../../activities/agent-step';
import type { Trail } from '../../speculation/forecast/trail';
import { canonicalJson } from '../../speculation/forecast/canonical-json';
import { toSession, type Conversation } from '../mined/read-conversations';

/** What the recorded agent did in one round, and what came of it: a tool's result, or the user's next words. */
export type RecordedRound =
  | { step: Extract<AgentStep, { kind: 'call' }>; result: string }
  | { step: Extract<AgentStep, { kind: 'reply' }>; next: string | null };

/** A recorded conversation as the tool agent goes through it. */
export interface Recording {
  scenarioId: string;
  task: number;
  /** The traveller's first message. */
  goal: string;
  rounds: readonly RecordedRound[];
  /** The calls that it is made of. */
  session: Trail;
}

export function recordingOf(conversation: Conversation): Recording {
  const { scenarioId, task, steps } = conversation;
  const session = toSession(conversation);
  const rounds: RecordedRound[] = [];
  for (const [index, { operation, output }] of session.entries()) {
    if (operation !== 'agentStep') continue;
    const step = output as AgentStep;
    const answer = session[index + 1]?.output;
    if (step.kind === 'call') rounds.push({ step, result: answer as string });
    else rounds.push({ step, next: (answer as { next: string | null }).next });
  }
  const [first] = steps;
  return { scenarioId, task, goal: first !== undefined && 'content' in first ? first.content : '', rounds, session };
}

/** Where a transcript stands in a recording. */
export interface Standing {
  /** Rounds that it has been through. */
  round: number;
  /** Turns of the agent that are not the recorded ones: assumed by a forecast that is wrong. */
  strayTurns: number;
}

export function standingIn({ rounds }: Recording, transcript: readonly Turn[]): Standing {
  const standing: Standing = { round: 0, strayTurns: 0 };
  for (const turn of transcript) {
    if (turn.role === 'user') continue;
    if (isTurnOf(turn, rounds[standing.round])) standing.round += 1;
    else standing.strayTurns += 1;
  }
  return standing;
}

function isTurnOf(turn: Exclude<Turn, { role: 'user' }>, recorded: RecordedRound | undefined): boolean {
  if (recorded === undefined) return false;
  const { step } = recorded;
  if (turn.role === 'assistant') return step.kind === 'reply' && step.text === turn.text;
  return step.kind === 'call' && step.tool === turn.tool && canonicalJson(step.args) === canonicalJson(turn.args);
}

const FAREWELL: AgentStep = { kind: 'reply', text: 'Is there anything else that I can do for you?' };

/**
 * What the agent does next: what it did in the recording. After a stray turn too, as an agent does that has read something needless.
 */
export function stepAfter(recording: Recording, transcript: readonly Turn[]): AgentStep {
  return recording.rounds[standingIn(recording, transcript).round]?.step ?? FAREWELL;
}

/** Results of reading tools by tool and arguments. */
export class RecordedResults {
  readonly #results = new Map<string, string>();

  constructor(recordings: readonly Recording[]) {
    for (const { rounds } of recordings) {
      for (const round of rounds) {
        if ('result' in round) this.#results.set(keyOf(round.step.tool, round.step.args), round.result);
      }
    }
  }

  /** What no recording has asked for is not there. */
  of(tool: string, args: unknown): string {
    return this.#results.get(keyOf(tool, args)) ?? 'Error: not found';
  }
}

function keyOf(tool: string, args: unknown): string {
  return `${tool}${canonicalJson(args)}`;
}
