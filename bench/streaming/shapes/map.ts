import { needs, type ShapeInput, type StreamingShape } from '../shape';
import { heavyTailed, words } from '../variation';

interface MapSettings {
  name: string;
  summary: string;
  elements: number;
  /** Words of an element. */
  wordsEach: number;
  tokensPerSecond: number;
  /** Shortest and longest search, seconds. */
  searchSeconds: [shortest: number, longest: number];
  /** Most searches at a time. */
  atATime: number;
}

/** A list is streamed, and something is done for each of its elements. */
function mapShape({
  name,
  summary,
  elements,
  wordsEach,
  tokensPerSecond,
  searchSeconds,
  atATime,
}: MapSettings): StreamingShape {
  const queriesOf = (input: ShapeInput): string[] =>
    Array.from({ length: elements }, (_, index) => words(wordsEach, `${name}/${input.case}/${index}`));
  const [plan, search] = [`${name}Plan`, `${name}Search`];
  return {
    name,
    summary,
    fields: 'early',
    operations: {
      [plan]: {
        kind: 'model',
        reply: (input: ShapeInput) => ({
          json: { queries: queriesOf(input) },
          firstTokenSeconds: 0.4,
          tokensPerSecond,
        }),
      },
      [search]: {
        kind: 'tool',
        seconds: (input: { query: string }) => heavyTailed(...searchSeconds, `${search}/${input.query}`),
        result: (input: { query: string }) => `found ${input.query.length}`,
      },
    },
    calls: (input) => [
      { id: 'plan', operation: plan, input, needs: [] },
      ...queriesOf(input).map((query, index) => ({
        id: `search ${index}`,
        operation: search,
        input: { ...input, query },
        needs: needs(['plan', 'queries', index]),
        atMost: { name: search, calls: atATime },
      })),
    ],
  };
}

export const map16 = mapShape({
  name: 'map16',
  summary: 'a search for each of 16 streamed queries, four at a time',
  elements: 16,
  wordsEach: 9,
  tokensPerSecond: 60,
  searchSeconds: [0.3, 2],
  atATime: 4,
});

export const map8 = mapShape({
  name: 'map8',
  summary: 'a slow search for each of 8 streamed queries, two at a time',
  elements: 8,
  wordsEach: 20,
  tokensPerSecond: 60,
  searchSeconds: [0.6, 2.5],
  atATime: 2,
});

export const map32 = mapShape({
  name: 'map32',
  summary: 'a search for each of 32 streamed queries, eight at a time',
  elements: 32,
  wordsEach: 7,
  tokensPerSecond: 80,
  searchSeconds: [0.3, 3],
  atATime: 8,
});
