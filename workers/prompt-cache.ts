import { createHash } from 'node:crypto';
import { tokenIds } from '../activities/count-tokens';

/** OpenAI caches prompts of at least 1,024 tokens, in steps of 128. */
const SHORTEST_TOKENS = 1024;
const STEP_TOKENS = 128;

/** Remembers how prompts began, the way a provider's prompt cache does. */
export class PromptCache {
  private readonly known = new Set<string>();

  /** Tokens at the beginning of this prompt that an earlier one began with too, and tokens that are new to it. Remembers the prompt. */
  look(prompt: unknown): { read: number; written: number } {
    const tokens = tokenIds(JSON.stringify(prompt));
    const hash = createHash('sha1');
    let read = 0;
    let written = 0;
    for (let end = STEP_TOKENS; end <= tokens.length; end += STEP_TOKENS) {
      hash.update(Uint32Array.from(tokens.slice(end - STEP_TOKENS, end)));
      if (end < SHORTEST_TOKENS) continue;
      const prefix = hash.copy().digest('base64');
      if (this.known.has(prefix)) read = end;
      else {
        this.known.add(prefix);
        written = end - read;
      }
    }
    return { read, written };
  }
}
