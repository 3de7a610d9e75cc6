import { z } from 'zod';
import type { TokenCounts } from '../speculation/decision/tokens';
import { countOutputTokens, countPromptTokens, type ChatPrompt } from './count-tokens';
import type { ReceivedAnswer } from './model-protocol';
import { reportedTokens } from './reported-usage';

const count = z.number().int().nonnegative();

const chunkSchema = z.object({
  id: z.string().nullish(),
  choices: z.array(
    z.object({
      delta: z.object({
        content: z.string().nullish(),
        tool_calls: z
          .array(
            z.object({
              index: count,
              id: z.string().nullish(),
              function: z.object({ name: z.string().nullish(), arguments: z.string().nullish() }).nullish(),
            }),
          )
          .nullish(),
      }),
      finish_reason: z.string().nullish(),
    }),
  ),
  usage: z.unknown().optional(),
});

/** A chunk of the stream is not what the protocol says. */
export class MalformedChunkError extends Error {
  override readonly name = 'MalformedChunkError';
  readonly code = 'MODEL_CHUNK_MALFORMED';
}

/** The stream ended before the model was done. */
export class BrokenStreamError extends Error {
  override readonly name = 'BrokenStreamError';
  readonly code = 'MODEL_STREAM_BROKEN';
}

interface ToolCallText {
  id: string;
  name: string;
  arguments: string;
}

/** A streamed reply as far as it has arrived. */
export class ReceivedReply implements ReceivedAnswer {
  /** The provider's id of the reply; null before the first chunk. */
  id: string | null = null;
  text = '';
  finishReason: string | null = null;
  chunks = 0;
  private readonly calls: ToolCallText[] = [];
  private reported: TokenCounts | null = null;
  private inputTokens: number | null = null;

  constructor(private readonly prompt: ChatPrompt) {}

  get toolCalls(): readonly ToolCallText[] {
    return this.calls;
  }

  /** @throws MalformedChunkError that names the chunk and what is wrong with it */
  add(chunk: unknown): void {
    this.chunks += 1;
    const parsed = chunkSchema.safeParse(chunk);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      throw new MalformedChunkError(
        `Chunk ${this.chunks} of the reply ${this.id ?? ''} is malformed: ${issue?.path.join('.') ?? ''}: ` +
          `${issue?.message ?? ''}: ${JSON.stringify(chunk).slice(0, 120)}`,
      );
    }
    const { id, choices, usage } = parsed.data;
    if (this.id === null && typeof id === 'string' && id !== '') this.id = id;
    const choice = choices[0];
    this.text += choice?.delta.content ?? '';
    for (const delta of choice?.delta.tool_calls ?? []) {
      const call = (this.calls[delta.index] ??= { id: '', name: '', arguments: '' });
      if (call.id === '') call.id = delta.id ?? '';
      call.name += delta.function?.name ?? '';
      call.arguments += delta.function?.arguments ?? '';
    }
    this.finishReason = choice?.finish_reason ?? this.finishReason;
    if (usage != null) this.reported = reportedTokens(usage);
  }

  /** @throws BrokenStreamError when the stream has ended and the model had not */
  assertComplete(): void {
    if (this.finishReason !== null) return;
    throw new BrokenStreamError(
      `The stream of the reply ${this.id ?? '(no id yet)'} ended after ${this.chunks} chunks without a finish_reason`,
    );
  }

  /**
   * What the request consumed. Counted here when the provider did not say: everything that was asked, and what arrived of the
   * answer. Some providers report a running usage, which only counts at the end.
   */
  usage(): { tokens: TokenCounts; estimated: boolean } {
    if (this.reported !== null && this.finishReason !== null) return { tokens: this.reported, estimated: false };
    const inputTokens = (this.inputTokens ??= countPromptTokens(this.prompt));
    const outputTokens = countOutputTokens({ text: this.text, toolCalls: this.calls.filter(Boolean) });
    return { tokens: { inputTokens, cachedInputTokens: 0, outputTokens }, estimated: true };
  }
}
