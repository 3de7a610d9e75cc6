/** Number of `cl100k_base` tokens, those of OpenAI's embedding models, in all texts of a request. Loads its table when first asked. */
export async function countEmbeddingInput(input: string | readonly string[]): Promise<number> {
  const { countTokens } = await import('gpt-tokenizer/encoding/cl100k_base');
  const texts = typeof input === 'string' ? [input] : input;
  // Text that looks like a control token is text.
  return texts.reduce((sum, text) => sum + countTokens(text, { disallowedSpecial: new Set<string>() }), 0);
}
