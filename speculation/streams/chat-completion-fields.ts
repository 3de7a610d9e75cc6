import type { PartialChange } from '../forecast/partial-value';
import type { ReplyParts } from './reply-parts';

/** A chunk of a streamed chat completion, as far as it is read here. That of the `openai` package is one. */
export interface ChatCompletionChunkLike {
  choices: readonly {
    index?: number;
    delta?: {
      content?: string | null;
      tool_calls?:
        | readonly {
            index: number;
            id?: string | null;
            function?: { name?: string | null; arguments?: string | null } | null;
          }[]
        | null;
    } | null;
    finish_reason?: string | null;
  }[];
}

/** What a chunk of a chat completion made known of the first choice. */
export function changesOfChunk(parts: ReplyParts, { choices }: ChatCompletionChunkLike): PartialChange[] {
  return choices
    .filter(({ index = 0 }) => index === 0)
    .flatMap(({ delta, finish_reason: finishReason }) => [
      ...parts.addText(delta?.content ?? ''),
      ...(delta?.tool_calls ?? []).flatMap((call) => [
        // Calls come one after the other.
        ...parts.endCall(call.index - 1),
        ...parts.addCall(call.index, {
          id: call.id ?? '',
          name: call.function?.name ?? '',
          arguments: call.function?.arguments ?? '',
        }),
      ]),
      ...(typeof finishReason === 'string' ? parts.end() : []),
    ]);
}
