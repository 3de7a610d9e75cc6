import { z } from 'zod';
import type { Counts, MinedPatterns } from './mined-patterns';
import type { Path } from './json-leaves';
import type { TagTree } from './output-tags';
import type { ValueSource } from './value-source';

const count = z.int().nonnegative();
const counts: z.ZodType<Counts> = z
  .tuple([count, count])
  .refine(([hits, total]) => hits <= total, 'must not have more hits than there were in total');
const byContext = z.record(z.string(), counts);
const path: z.ZodType<Path> = z.array(z.union([z.string(), z.int().gte(-1), z.null()]));
const plainPath = path.refine((steps) => !steps.includes(null), 'must name one value, not each of a list');
const back = count.max(64);

const shape = z.strictObject({
  type: z.enum(['string', 'number']),
  always: z.string(),
  allowed: z.string(),
  shortest: count,
  longest: count,
  year: z
    .string()
    .regex(/^\d{4}$/, 'must be a year')
    .exactOptional(),
});

const source: z.ZodType<ValueSource> = z.discriminatedUnion('from', [
  z.strictObject({ from: z.literal('constant'), value: z.json() }),
  z.strictObject({
    from: z.literal('path'),
    record: z.string(),
    back,
    path: plainPath,
    days: z.int().min(-31).max(31).exactOptional(),
  }),
  z.strictObject({
    from: z.literal('element'),
    record: z.string(),
    back,
    path: path.refine((steps) => steps.filter((step) => step === null).length === 1, 'must go into one list'),
  }),
  z.strictObject({
    from: z.literal('token'),
    record: z.string(),
    back: back.nullable(),
    path,
    index: z.int().min(-1).max(64).nullable(),
    shape,
  }),
]);

const tags: z.ZodType<TagTree> = z
  .strictObject({
    path: plainPath,
    cases: z.record(
      z.string(),
      z.lazy(() => tags),
    ),
  })
  .nullable();

const template = z
  .strictObject({
    fixed: z.array(z.tuple([plainPath, z.json()])),
    places: z.array(plainPath),
    contexts: byContext,
    rules: z.array(z.strictObject({ sources: z.array(source), given: counts, contexts: byContext })),
  })
  .superRefine(({ places, rules }, context) => {
    for (const [index, { sources }] of rules.entries())
      if (sources.length !== places.length)
        context.addIssue({
          code: 'custom',
          path: ['rules', index, 'sources'],
          message: `must have one source for each of the ${places.length} places`,
        });
  });

export const patternsSchema: z.ZodType<MinedPatterns> = z.strictObject({
  version: z.literal(1),
  sessions: count,
  operations: z.record(
    z.string(),
    z.strictObject({
      tags,
      templates: z.array(template),
      reliability: z.array(z.strictObject({ leastScore: z.number(), hits: count, total: count.positive() })),
    }),
  ),
});
