import type { Embed } from './equivalence-policy';
import { localEmbedder } from './embedder-local';
import { openaiEmbedder } from './embedder-openai';

/** Turns texts into vectors, one for each, in order. Texts are not empty. */
export type Embedder = (texts: readonly string[]) => Promise<number[][]>;

export function embedderFor(embed: Embed): Embedder {
  return embed.kind === 'local' ? localEmbedder() : openaiEmbedder(embed);
}
