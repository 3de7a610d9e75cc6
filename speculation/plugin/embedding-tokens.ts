/** Number of `cl100k_base` tokens, those of OpenAI's embedding models. The table is large and loaded when it is first needed. */
export async function countEmbeddingTokens(texts: readonly string[]): Promise<number> {
  const { countTokens } = await import('gpt-tokenizer/encoding/cl100k_base');
  // Text that looks like a control token is text.
  return texts.reduce((sum, text) => sum + countTokens(text, { disallowedSpecial: new Set<string>() }), 0);
}

/** Whether a text has at most so many tokens; counted only where its bytes leave a doubt, as no token is less than a byte. */
export async function hasAtMostTokens(text: string, most: number): Promise<boolean> {
  return Buffer.byteLength(text) <= most || (await countEmbeddingTokens([text])) <= most;
}
