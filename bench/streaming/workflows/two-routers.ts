import type { ShapeInput } from '../shape';
import { operations } from './operations';

const { twoRoutersLanguage, twoRoutersTopic, twoRoutersArticle, twoRoutersReply } = operations<{
  twoRoutersLanguage: (input: ShapeInput) => Promise<{ language: string; evidence: string }>;
  twoRoutersTopic: (input: ShapeInput) => Promise<{ topic: string; evidence: string }>;
  twoRoutersArticle: (input: { topic: string; language: string }) => Promise<string>;
  twoRoutersReply: (input: ShapeInput & { article: string }) => Promise<{ reply: string }>;
}>();

/** Two answers stream at the same time, and what follows needs a field of each. */
export async function twoRouters(input: ShapeInput): Promise<string> {
  const [language, topic] = await Promise.all([twoRoutersLanguage(input), twoRoutersTopic(input)]);
  const article = await twoRoutersArticle({ topic: topic.topic, language: language.language });
  const { reply } = await twoRoutersReply({ ...input, article });
  return reply;
}
