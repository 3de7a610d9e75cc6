import type { DependencyDeclaration } from '../../speculation/estimate/dependency-type';
import type { JsonPath } from '../../speculation/forecast/partial-value';
import type { ForecasterInput } from '../../speculation/plugin/operation-policy';
import type { AtMost, Need } from './ideal-schedule';
import type { ScriptedReply } from './scripted-reply';

/** What every pipeline of the suite is given. */
export interface ShapeInput {
  /** Answers and latencies are a function of it; another case, other latencies. */
  case: string;
}

/** A call of a model that streams what it says. */
export interface ModelOperation {
  kind: 'model';
  reply: (input: never) => ScriptedReply;
  /** @default "chat" */
  api?: 'chat' | 'responses';
  /** After the stream itself. @default none */
  forecast?: ForecasterInput[];
  contextKey?: (input: never) => string;
  dependency?: DependencyDeclaration;
}

/** A call of something else. */
export interface ToolOperation {
  kind: 'tool';
  seconds: (input: never) => number;
  result: (input: never) => unknown;
}

/** One call that the pipeline makes. */
export interface ShapeCall {
  id: string;
  /** Activity type. */
  operation: string;
  input: unknown;
  needs: Need[];
  /** @default any number at a time */
  atMost?: AtMost;
}

/** A kind of pipeline over streamed answers. Its workflow has the same name. */
export interface StreamingShape {
  /** Workflow type. */
  name: string;
  summary: string;
  /**
   * When what the pipeline waits for is final: `early` in the stream, only at its end (`late`), or early and against a forecast that was
   * acted upon (`contradicted`).
   */
  fields: 'early' | 'late' | 'contradicted';
  /** By activity type; no two shapes share one, so that each learns for itself. */
  operations: Record<string, ModelOperation | ToolOperation>;
  /** All calls of the pipeline, and what each waits for. */
  calls: (input: ShapeInput) => ShapeCall[];
  /** Cases to run beforehand so that the history has something to say about this one. @default none */
  historyBefore?: (input: ShapeInput) => ShapeInput[];
}

export function needs(...calls: (string | [call: string, ...path: JsonPath])[]): Need[] {
  return calls.map((each) => {
    if (typeof each === 'string') return { call: each };
    const [call, ...path] = each;
    return { call, path };
  });
}
