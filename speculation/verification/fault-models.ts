import { canonicalJson } from '../forecast/canonical-json';

/** What a fault does to the output of an operation. */
export interface FaultModel {
  readonly name: string;
  /**
   * The faulty output; undefined where it cannot do anything to this one.
   *
   * @param others different outputs of the same operation, as recorded from other runs
   * @param turn which of several ways to take: the same number gives the same fault
   */
  change(output: unknown, others: readonly unknown[], turn: number): unknown;
}

/** Another output of the same operation: plausible, well formed, and wrong. */
const swap: FaultModel = {
  name: 'swap',
  change: (output, others, turn) => {
    const text = canonicalJson(output);
    const different = others.filter((other) => canonicalJson(other) !== text);
    return different.length === 0 ? undefined : different[turn % different.length];
  },
};

/** One field of an object is missing; of a list its second half. */
const drop: FaultModel = {
  name: 'drop',
  change: (output, _others, turn) => {
    if (Array.isArray(output)) return output.length === 0 ? undefined : output.slice(0, Math.floor(output.length / 2));
    if (typeof output !== 'object' || output === null) return undefined;
    const fields = Object.entries(output);
    const at = turn % Math.max(1, fields.length);
    return fields.length === 0 ? undefined : Object.fromEntries(fields.filter((_field, index) => index !== at));
  },
};

/** The longest text breaks off after half of its words. */
const truncate: FaultModel = {
  name: 'truncate',
  change: (output) => {
    const longest = textsIn(output).reduce((best, text) => (text.length > best.length ? text : best), '');
    const words = longest.split(/(?<=\s)/);
    if (words.length < 2) return undefined;
    const half = words.slice(0, Math.floor(words.length / 2)).join('');
    return replaceText(output, longest, half.trimEnd());
  },
};

const FAULT_MODELS = { swap, drop, truncate };

export type FaultName = keyof typeof FAULT_MODELS;

export const FAULT_NAMES = Object.keys(FAULT_MODELS) as FaultName[];

export function faultModel(name: FaultName): FaultModel {
  return FAULT_MODELS[name];
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

function replaceText(value: unknown, text: string, by: string): unknown {
  if (value === text) return by;
  if (Array.isArray(value)) return value.map((element) => replaceText(element, text, by));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, replaceText(member, text, by)]));
}
