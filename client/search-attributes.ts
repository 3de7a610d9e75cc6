import type { Connection } from '@temporalio/client';
import { SEARCH_ATTRIBUTE } from '../speculation/runtime/protocol';

/** temporal.api.enums.v1.IndexedValueType */
const KEYWORD = 2;
const INT = 3;
const KEYWORD_LIST = 7;

const TYPES: Record<string, number> = {
  [SEARCH_ATTRIBUTE.cost]: INT,
  [SEARCH_ATTRIBUTE.waste]: INT,
  [SEARCH_ATTRIBUTE.saved]: INT,
  [SEARCH_ATTRIBUTE.policy]: KEYWORD,
  [SEARCH_ATTRIBUTE.entries]: KEYWORD_LIST,
};

/** Makes the attributes known to a namespace, which needs operator rights. What is there already stays. */
export async function registerSearchAttributes(
  connection: Connection,
  namespace: string,
): Promise<{ added: string[]; present: string[] }> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const names = Object.keys(TYPES);
  const present = names.filter((name) => name in customAttributes);
  const added = names.filter((name) => !present.includes(name));
  if (added.length > 0) {
    const searchAttributes = Object.fromEntries(added.map((name) => [name, TYPES[name] ?? KEYWORD]));
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
  }
  return { added, present };
}
