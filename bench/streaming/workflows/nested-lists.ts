import type { ShapeInput } from '../shape';
import { atATime } from './at-a-time';
import { operations } from './operations';

export interface Outline {
  sections: { title: string; queries: string[] }[];
}

const { nestedListsOutline, nestedListsSearch, nestedListsWrite } = operations<{
  nestedListsOutline: (input: ShapeInput) => Promise<Outline>;
  nestedListsSearch: (input: { query: string }) => Promise<string>;
  nestedListsWrite: (input: { title: string; found: string[] }) => Promise<string>;
}>();

/** Lists in a list: searches for each section, then its text. */
export async function nestedLists(input: ShapeInput): Promise<string[]> {
  const { sections } = await nestedListsOutline(input);
  const inTurn = atATime(3);
  return Promise.all(
    sections.map(async ({ title, queries }) => {
      const found = await Promise.all(queries.map((query) => inTurn(() => nestedListsSearch({ query }))));
      return nestedListsWrite({ title, found });
    }),
  );
}
