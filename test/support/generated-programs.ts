import fc from 'fast-check';
import type { Program } from '../pipelines/generated';

const leaf: fc.Arbitrary<Program> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('call' as const),
      operation: fc.constantFrom('first' as const, 'second' as const, 'third' as const),
      input: fc.constantFrom('state' as const, 'state' as const, 'constant' as const),
    }),
  },
  { weight: 1, arbitrary: fc.constant<Program>({ kind: 'call', operation: 'commit', input: 'state' }) },
  { weight: 2, arbitrary: fc.constant<Program>({ kind: 'call', operation: 'book', input: 'state' }) },
  { weight: 2, arbitrary: fc.constantFrom<Program>({ kind: 'field', name: 'value' }, { kind: 'field', name: 'list' }) },
  { weight: 1, arbitrary: fc.constant<Program>({ kind: 'pause' }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('local' as const),
      operation: fc.constantFrom('first' as const, 'second' as const),
    }),
  },
);

/** Pipelines of all shapes, made up. */
export const { program } = fc.letrec<{ program: Program; parts: Program[] }>((tie) => ({
  parts: fc.array(tie('program'), { minLength: 1, maxLength: 3 }),
  program: fc.oneof(
    { depthSize: 'small', maxDepth: 3 },
    leaf,
    fc.record({ kind: fc.constant('sequence' as const), parts: tie('parts') }),
    fc.record({ kind: fc.constant('parallel' as const), parts: tie('parts') }),
    fc.record({ kind: fc.constant('branch' as const), even: tie('program'), odd: tie('program') }),
    fc.record({ kind: fc.constant('repeat' as const), times: fc.integer({ min: 1, max: 3 }), body: tie('program') }),
    fc.record({ kind: fc.constant('recover' as const), body: tie('program') }),
    fc.record({ kind: fc.constant('each' as const), body: tie('program') }),
  ),
}));
