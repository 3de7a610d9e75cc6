import type { ConnectionLike } from '@temporalio/client';
import { SEARCH_ATTRIBUTE } from '../runtime/protocol';
import type { WarnOnce } from './warn-once';

/** Values of `temporal.api.enums.v1.IndexedValueType`. */
const KEYWORD = 2;
const INT = 3;
const KEYWORD_LIST = 7;

const TYPES: Readonly<Record<string, number>> = {
  [SEARCH_ATTRIBUTE.cost]: INT,
  [SEARCH_ATTRIBUTE.waste]: INT,
  [SEARCH_ATTRIBUTE.saved]: INT,
  [SEARCH_ATTRIBUTE.policy]: KEYWORD,
  [SEARCH_ATTRIBUTE.entries]: KEYWORD_LIST,
};
const TYPE_NAMES: Readonly<Record<number, string>> = {
  [KEYWORD]: 'Keyword',
  [INT]: 'Int',
  [KEYWORD_LIST]: 'KeywordList',
};

/** How long a pipeline's first start may be held up by the question. */
const TIMEOUT_MS = 5_000;
/** After this long a missing attribute is looked for again. */
const RECHECK_MS = 30_000;

/**
 * Registers the search attributes that pipelines are filtered by, which needs operator rights. Those that exist are left alone.
 *
 * @param connection a `Connection` or a `NativeConnection`
 * @throws what the server answers, for example when the caller may not change the namespace
 */
export async function registerSearchAttributes(
  connection: ConnectionLike,
  namespace: string,
): Promise<{ added: string[]; present: string[] }> {
  const { missing: added, present } = await compareSearchAttributes(connection, namespace);
  if (added.length > 0) {
    const searchAttributes = Object.fromEntries(added.map((name) => [name, TYPES[name] ?? KEYWORD]));
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
  }
  return { added, present };
}

/**
 * Whether a namespace has the search attributes. Asked once; a namespace that lacks them is asked again after a while. A
 * question that cannot be answered counts as no, because an upsert of an unknown attribute would hang the pipeline.
 */
export class SearchAttributeCheck {
  readonly #answers = new Map<string, { answer: Promise<boolean>; known: boolean; askedAtMs: number }>();

  constructor(private readonly warnOnce: WarnOnce) {}

  /** The answer so far, without asking. */
  known(namespace: string): boolean {
    return this.#answers.get(namespace)?.known ?? false;
  }

  ask(connection: ConnectionLike, namespace: string): Promise<boolean> {
    const asked = this.#answers.get(namespace);
    const isStale = asked?.known === false && Date.now() - asked.askedAtMs > RECHECK_MS;
    if (asked !== undefined && !isStale) return asked.answer;
    const entry = { answer: Promise.resolve(false), known: false, askedAtMs: Date.now() };
    entry.answer = this.#look(connection, namespace).then((complete) => (entry.known = complete));
    this.#answers.set(namespace, entry);
    return entry.answer;
  }

  async #look(connection: ConnectionLike, namespace: string): Promise<boolean> {
    const wayOut = 'Pipelines run without them. Register them with `npx runahead attributes register`, or see README.';
    try {
      const { missing, mistyped } = await connection.withDeadline(Date.now() + TIMEOUT_MS, () =>
        compareSearchAttributes(connection, namespace),
      );
      if (missing.length === 0 && mistyped.length === 0) return true;
      const problems = [
        ...missing.map((name) => `${name} is missing`),
        ...mistyped.map((name) => `${name} is not of type ${TYPE_NAMES[TYPES[name] ?? KEYWORD] ?? ''}`),
      ];
      this.warnOnce(
        `search-attributes:${namespace}`,
        `Namespace "${namespace}" lacks search attributes: ${problems.join(', ')}. ${wayOut}`,
      );
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.warnOnce(
        `search-attributes:${namespace}`,
        `Whether namespace "${namespace}" has the search attributes could not be found out: ${reason}. ${wayOut}`,
      );
    }
    return false;
  }
}

/** Which of the search attributes a namespace has. */
export async function compareSearchAttributes(
  connection: ConnectionLike,
  namespace: string,
): Promise<{ missing: string[]; present: string[]; mistyped: string[] }> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const names = Object.keys(TYPES);
  const present = names.filter((name) => name in customAttributes);
  return {
    missing: names.filter((name) => !present.includes(name)),
    present,
    mistyped: present.filter((name) => customAttributes[name] !== TYPES[name]),
  };
}
