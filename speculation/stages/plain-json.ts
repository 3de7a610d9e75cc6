import { StageError } from './stage-error';

/** What cannot be told from its JSON may be stored: plain objects, arrays, strings, finite numbers, booleans, null. */
export function plainJson(value: unknown, field: string): string {
  let problem: string | null;
  try {
    problem = firstProblem(value, '$', new Set());
    if (problem === null) return JSON.stringify(value);
  } catch (error) {
    // Nested too deeply for the stack, or a getter of its own.
    problem = String(error);
  }
  const remedy = 'Use objects, arrays, strings, finite numbers, booleans and null: it has to outlive this process.';
  throw new StageError('STAGE_NOT_JSON', field, value, remedy, `is not plain JSON: ${problem}`);
}

function firstProblem(value: unknown, path: string, inside: Set<object>): string | null {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return null;
    case 'number':
      return Number.isFinite(value) ? null : `${path} is ${value}`;
    case 'object':
      break;
    default:
      return `${path} is ${value === undefined ? 'undefined' : `a ${typeof value}`}`;
  }
  if (value === null) return null;
  if (inside.has(value)) return `${path} contains itself`;
  inside.add(value);
  const problem = Array.isArray(value) ? problemInArray(value, path, inside) : problemInObject(value, path, inside);
  inside.delete(value);
  return problem;
}

function problemInArray(array: readonly unknown[], path: string, inside: Set<object>): string | null {
  for (let index = 0; index < array.length; index++) {
    const problem = firstProblem(array[index], `${path}[${index}]`, inside);
    if (problem !== null) return problem;
  }
  return null;
}

function problemInObject(object: object, path: string, inside: Set<object>): string | null {
  const prototype: unknown = Object.getPrototypeOf(object);
  // `Object.prototype` of any realm, or none.
  const isPlain = prototype === null || Object.getPrototypeOf(prototype) === null;
  if (!isPlain) return `${path} is a ${object.constructor.name}`;
  if (typeof (object as { toJSON?: unknown }).toJSON === 'function') return `${path} has a method toJSON`;
  for (const [key, member] of Object.entries(object)) {
    // An absent member is written as it is meant: absent.
    if (member === undefined) continue;
    const problem = firstProblem(member, `${path}.${key}`, inside);
    if (problem !== null) return problem;
  }
  return null;
}
