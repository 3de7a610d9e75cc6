import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text as readText } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { writeErrorResponse } from '@copilotkit/aimock';
import { z } from 'zod';
import { countEmbeddingInput } from './embedding-input';
import { dueTimesMs, type Pace } from './local-model-pace';

const requestSchema = z.object({
  model: z.string().min(1),
  input: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]),
  encoding_format: z.enum(['float', 'base64']).default('float'),
});

const DIMENSIONS = 256;

/** Answers one request of the OpenAI embeddings call. */
export async function answerEmbeddings(
  options: { pace: Pace; seed: number },
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readText(incoming);
  let request: z.infer<typeof requestSchema>;
  try {
    request = requestSchema.parse(JSON.parse(body));
  } catch (error) {
    const message = `The local model cannot embed this: ${String(error)}`;
    const refusal = { error: { message, type: 'invalid_request_error', param: null, code: null } };
    writeErrorResponse(response, 400, JSON.stringify(refusal));
    return;
  }
  const texts = typeof request.input === 'string' ? [request.input] : request.input;
  const tokens = await countEmbeddingInput(texts);
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const dueMs = dueTimesMs(1, options.pace, `${options.seed} ${body}`)[0] ?? 0;
  await pause(dueMs, undefined, { signal: gone.signal }).catch(() => undefined);
  const reply = {
    object: 'list',
    model: request.model,
    data: texts.map((text, index) => ({
      object: 'embedding',
      index,
      embedding: request.encoding_format === 'float' ? embeddingOf(text) : toBase64(embeddingOf(text)),
    })),
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(reply));
}

/**
 * A normalised vector that depends on the words of a text alone, each of which counts in one of 256 places: texts are the closer, the
 * more words they share. It knows nothing of meaning.
 */
export function embeddingOf(text: string): number[] {
  const vector = new Array<number>(DIMENSIONS).fill(0);
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [text]) {
    const hash = createHash('sha256').update(word).digest();
    const place = hash.readUInt16BE(0) % DIMENSIONS;
    vector[place] = (vector[place] ?? 0) + (hash.readUInt8(2) % 2 === 0 ? 1 : -1);
  }
  const length = Math.hypot(...vector);
  // Words may cancel out; a vector without a direction is of no use.
  if (length === 0) return vector.map((_, index) => (index === 0 ? 1 : 0));
  return vector.map((value) => value / length);
}

function toBase64(vector: readonly number[]): string {
  return Buffer.from(Float32Array.from(vector).buffer).toString('base64');
}
