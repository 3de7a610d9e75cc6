import { tokenPieces } from '../../activities/count-tokens';
import type { JsonPath } from '../../speculation/forecast/partial-value';
import { dueTimesMs } from '../../workers/local-model-pace';
import { finalOffset } from './final-offset';

/** How fast a model answers. */
export interface ReplyPace {
  firstTokenSeconds: number;
  tokensPerSecond: number;
}

/** What the model says: a JSON document, or calls of tools. */
export type ScriptedReply = ReplyPace & ({ json: unknown } | { toolCalls: ScriptedToolCall[] });

export interface ScriptedToolCall {
  name: string;
  arguments: Record<string, unknown>;
}

/** When a scripted reply is complete, and when its parts are final: the same arithmetic that paces the local model. */
export interface ReplyTimes {
  seconds: number;
  finalAfterSeconds: (path: JsonPath) => number;
  /** When that many characters of a JSON document have been said. */
  readAfterSeconds: (characters: number) => number;
}

export function replyTimes(reply: ScriptedReply): ReplyTimes {
  const pieces = piecesOf(reply);
  // Chunk 0 opens the reply, the last one says why it ended; in between there is one for each piece.
  const dueMs = dueTimesMs(
    pieces.length + 2,
    { timeToFirstTokenMs: reply.firstTokenSeconds * 1000, tokensPerSecond: reply.tokensPerSecond, jitter: 0 },
    '',
  );
  const dueSeconds = (piece: number): number => (dueMs[piece + 1] ?? Number.NaN) / 1000;
  return {
    seconds: dueSeconds(pieces.length),
    finalAfterSeconds: (path) => dueSeconds(pieceOf(reply, path, pieces)),
    readAfterSeconds: (characters) => dueSeconds(pieceAt(pieces, 0, characters)),
  };
}

/** Texts of the chunks; the one that opens a tool call has none. */
function piecesOf(reply: ScriptedReply): string[] {
  if ('json' in reply) return tokenPieces(JSON.stringify(reply.json));
  return reply.toolCalls.flatMap((call) => ['', ...tokenPieces(JSON.stringify(call.arguments))]);
}

/** Number of the piece with which the value at a place of the activity's output is final. */
function pieceOf(reply: ScriptedReply, path: JsonPath, pieces: readonly string[]): number {
  if ('json' in reply) return pieceAt(pieces, 0, finalOffset(reply.json, path));
  // The output is `{ calls: [{ name, arguments }] }`.
  const [, index, field, ...inside] = path;
  const call = typeof index === 'number' ? reply.toolCalls[index] : undefined;
  if (call === undefined) return pieces.length;
  const before = { ...reply, toolCalls: reply.toolCalls.slice(0, index as number) };
  const opening = piecesOf(before).length;
  if (field === 'name') return opening;
  return pieceAt(pieces, opening, finalOffset(call.arguments, inside));
}

function pieceAt(pieces: readonly string[], from: number, offset: number): number {
  let read = 0;
  let piece = from;
  for (; piece < pieces.length; piece += 1) {
    read += pieces[piece]?.length ?? 0;
    if (read >= offset) break;
  }
  return piece;
}
