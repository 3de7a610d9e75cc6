import { needs, type ShapeInput, type StreamingShape } from '../shape';
import { between, words } from '../variation';

function languageOf(input: ShapeInput): { language: string; evidence: string } {
  return { language: words(1, `language/${input.case}`), evidence: words(120, `language evidence/${input.case}`) };
}

function topicOf(input: ShapeInput): { topic: string; evidence: string } {
  return { topic: words(2, `topic/${input.case}`), evidence: words(160, `topic evidence/${input.case}`) };
}

function articleOf(input: { topic: string; language: string }): string {
  return `${input.topic} in ${input.language}`;
}

export const twoRouters: StreamingShape = {
  name: 'twoRouters',
  summary: 'two answers stream at once, and a field of each is needed',
  fields: 'early',
  operations: {
    twoRoutersLanguage: {
      kind: 'model',
      reply: (input: ShapeInput) => ({ json: languageOf(input), firstTokenSeconds: 0.3, tokensPerSecond: 80 }),
    },
    twoRoutersTopic: {
      kind: 'model',
      reply: (input: ShapeInput) => ({ json: topicOf(input), firstTokenSeconds: 0.5, tokensPerSecond: 70 }),
    },
    twoRoutersArticle: {
      kind: 'tool',
      seconds: (input: { topic: string }) => between(0.3, 0.7, `article/${input.topic}`),
      result: articleOf,
    },
    twoRoutersReply: {
      kind: 'model',
      reply: (input: ShapeInput) => ({
        json: { reply: words(110, `reply/${input.case}`) },
        firstTokenSeconds: 0.4,
        tokensPerSecond: 90,
      }),
    },
  },
  calls: (input) => {
    const asked = { topic: topicOf(input).topic, language: languageOf(input).language };
    return [
      { id: 'language', operation: 'twoRoutersLanguage', input, needs: [] },
      { id: 'topic', operation: 'twoRoutersTopic', input, needs: [] },
      {
        id: 'article',
        operation: 'twoRoutersArticle',
        input: asked,
        needs: needs(['language', 'language'], ['topic', 'topic']),
      },
      {
        id: 'reply',
        operation: 'twoRoutersReply',
        input: { ...input, article: articleOf(asked) },
        needs: needs('article'),
      },
    ];
  },
};
