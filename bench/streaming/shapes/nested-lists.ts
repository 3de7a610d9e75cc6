import { needs, type ShapeCall, type ShapeInput, type StreamingShape } from '../shape';
import { between, heavyTailed, words } from '../variation';
import type { Outline } from '../workflows/nested-lists';

const SECTIONS = 4;
const QUERIES = 3;

function outlineOf(input: ShapeInput): Outline {
  return {
    sections: Array.from({ length: SECTIONS }, (_, section) => ({
      title: words(4, `title/${input.case}/${section}`),
      queries: Array.from({ length: QUERIES }, (_, query) => words(10, `query/${input.case}/${section}/${query}`)),
    })),
  };
}

function found(input: { query: string }): string {
  return `found ${input.query.length}`;
}

export const nestedLists: StreamingShape = {
  name: 'nestedLists',
  summary: 'three searches for each of four streamed sections, three at a time, then a text for each section',
  fields: 'early',
  operations: {
    nestedListsOutline: {
      kind: 'model',
      reply: (input: ShapeInput) => ({ json: outlineOf(input), firstTokenSeconds: 0.4, tokensPerSecond: 60 }),
    },
    nestedListsSearch: {
      kind: 'tool',
      seconds: (input: { query: string }) => heavyTailed(0.3, 2.5, input.query),
      result: found,
    },
    nestedListsWrite: {
      kind: 'tool',
      seconds: (input: { title: string }) => between(0.6, 1.4, input.title),
      result: (input: { title: string; found: string[] }) => `${input.title}: ${input.found.join(', ')}`,
    },
  },
  calls: (input) => [
    { id: 'outline', operation: 'nestedListsOutline', input, needs: [] },
    ...outlineOf(input).sections.flatMap(({ title, queries }, section): ShapeCall[] => {
      const ids = queries.map((_, query) => `search ${section}.${query}`);
      const searches = queries.map((query, index) => ({
        id: ids[index] ?? '',
        operation: 'nestedListsSearch',
        input: { query },
        needs: needs(['outline', 'sections', section, 'title'], ['outline', 'sections', section, 'queries', index]),
        atMost: { name: 'nestedListsSearch', calls: 3 },
      }));
      const write = {
        id: `write ${section}`,
        operation: 'nestedListsWrite',
        input: { title, found: queries.map((query) => found({ query })) },
        needs: needs(['outline', 'sections', section, 'queries'], ...ids),
      };
      return [...searches, write];
    }),
  ],
};
