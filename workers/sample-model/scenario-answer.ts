import { tokenPieces } from '../../activities/count-tokens';
import type { LocalModelReply } from '../local-model';

/**
 * A scripted reply with a duration instead of a rate.
 *
 * @param ttftMs milliseconds until the first token
 * @param streamMs milliseconds from the first token to the last
 */
export function textAnswer(text: string, ttftMs: number, streamMs: number): LocalModelReply {
  return { text, ttftMs, tokensPerSecond: rate(text, streamMs) };
}

export function jsonAnswer(value: unknown, ttftMs: number, streamMs: number): LocalModelReply {
  return textAnswer(JSON.stringify(value), ttftMs, streamMs);
}

export function callAnswer(
  call: { tool: string; args: Record<string, unknown> },
  ttftMs: number,
  streamMs: number,
): LocalModelReply {
  const tokensPerSecond = rate(JSON.stringify(call.args), streamMs);
  return { toolCalls: [{ name: call.tool, arguments: call.args }], ttftMs, tokensPerSecond };
}

function rate(text: string, streamMs: number): number {
  return Math.max(1, tokenPieces(text).length) / (streamMs / 1000);
}
