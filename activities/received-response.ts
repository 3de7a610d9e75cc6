import { z } from 'zod';
import type { TokenCounts } from '../speculation/decision/tokens';
import { countOutputTokens, countPromptTokens, type ChatPrompt } from './count-tokens';
import { FailedResponseError } from './failed-response-error';
import type { ReceivedAnswer } from './model-protocol';
import { BrokenStreamError, MalformedChunkError } from './received-reply';
import { reportedResponseTokens } from './reported-response-usage';

const count = z.number().int().nonnegative();

const item = z.object({
  type: z.string(),
  call_id: z.string().nullish(),
  name: z.string().nullish(),
  arguments: z.string().nullish(),
});
const response = z.object({
  id: z.string().nullish(),
  usage: z.unknown().optional(),
  error: z.object({ code: z.string().nullish(), message: z.string().nullish() }).nullish(),
  incomplete_details: z.object({ reason: z.string().nullish() }).nullish(),
});

/** The events that are read; a response has many others, and may get new ones. */
const eventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.enum(['response.created', 'response.in_progress', 'response.completed']), response }),
  z.object({ type: z.enum(['response.incomplete', 'response.failed']), response }),
  z.object({ type: z.enum(['response.output_text.delta']), delta: z.string() }),
  z.object({ type: z.enum(['response.output_item.added', 'response.output_item.done']), output_index: count, item }),
  z.object({ type: z.enum(['response.function_call_arguments.delta']), output_index: count, delta: z.string() }),
  z.object({ type: z.enum(['error']), code: z.string().nullish(), message: z.string().nullish() }),
]);
type ResponseEvent = z.infer<typeof eventSchema>;

const numberedEvent = z.object({ type: z.string(), sequence_number: count.nullish().catch(null) });

const READ: ReadonlySet<string> = new Set(eventSchema.options.flatMap(({ shape }) => [...shape.type.options]));

/** A streamed response (OpenAI's Responses API) as far as it has arrived. */
export class ReceivedResponse implements ReceivedAnswer {
  id: string | null = null;
  text = '';
  finishReason: string | null = null;
  chunks = 0;
  /** By place in the output, which has other items too. */
  private readonly calls = new Map<number, { id: string; name: string; arguments: string }>();
  private reported: TokenCounts | null = null;
  private inputTokens: number | null = null;
  private lastNumber = 0;

  constructor(private readonly prompt: ChatPrompt) {}

  get toolCalls(): { id: string; name: string; arguments: string }[] {
    return [...this.calls.values()];
  }

  /**
   * @throws MalformedChunkError that names the event and what is wrong with it
   * @throws FailedResponseError when the provider says that it failed
   */
  add(chunk: unknown): void {
    this.chunks += 1;
    const { type, sequence_number: number } = numberedEvent.safeParse(chunk).data ?? {};
    // Delivered twice. Servers that do not number their events leave it at 0.
    if (number != null && number > 0 && number <= this.lastNumber) return;
    this.lastNumber = number ?? this.lastNumber;
    if (type !== undefined && !READ.has(type)) return;
    const parsed = eventSchema.safeParse(chunk);
    if (parsed.success) {
      this.read(parsed.data);
      return;
    }
    const issue = parsed.error.issues[0];
    throw new MalformedChunkError(
      `Event ${this.chunks} of the response ${this.id ?? ''} is malformed: ${issue?.path.join('.') ?? ''}: ` +
        `${issue?.message ?? ''}: ${JSON.stringify(chunk).slice(0, 120)}`,
    );
  }

  /** @throws BrokenStreamError when the stream has ended and the model had not */
  assertComplete(): void {
    if (this.finishReason !== null) return;
    throw new BrokenStreamError(
      `The stream of the response ${this.id ?? '(no id yet)'} ended after ${this.chunks} events without response.completed`,
    );
  }

  usage(): { tokens: TokenCounts; estimated: boolean } {
    if (this.reported !== null) return { tokens: this.reported, estimated: false };
    const inputTokens = (this.inputTokens ??= countPromptTokens(this.prompt));
    const outputTokens = countOutputTokens({ text: this.text, toolCalls: this.toolCalls });
    return { tokens: { inputTokens, cachedInputTokens: 0, outputTokens }, estimated: true };
  }

  private read(event: ResponseEvent): void {
    switch (event.type) {
      case 'response.created':
      case 'response.in_progress':
        this.id ??= event.response.id ?? null;
        return;
      case 'response.output_text.delta':
        this.text += event.delta;
        return;
      case 'response.output_item.added':
      case 'response.output_item.done':
        if (event.item.type !== 'function_call') return;
        this.calls.set(event.output_index, {
          id: event.item.call_id ?? '',
          name: event.item.name ?? '',
          arguments: event.item.arguments ?? this.calls.get(event.output_index)?.arguments ?? '',
        });
        return;
      case 'response.function_call_arguments.delta': {
        const call = this.calls.get(event.output_index);
        if (call !== undefined) call.arguments += event.delta;
        return;
      }
      case 'response.completed':
        this.end(event.response, this.calls.size > 0 ? 'tool_calls' : 'stop');
        return;
      case 'response.incomplete': {
        const reason = event.response.incomplete_details?.reason;
        this.end(event.response, reason === 'content_filter' ? 'content_filter' : 'length');
        return;
      }
      case 'response.failed':
        this.end(event.response, null);
        throw failure(event.response.error);
      case 'error':
        throw failure(event);
    }
  }

  private end({ id, usage }: z.infer<typeof response>, finishReason: string | null): void {
    this.id ??= id ?? null;
    this.finishReason = finishReason;
    this.reported = reportedResponseTokens(usage);
  }
}

function failure(error: { code?: string | null | undefined; message?: string | null | undefined } | null | undefined) {
  return new FailedResponseError(error?.code ?? null, error?.message ?? 'the provider gave no reason');
}
