import { policyFamily } from './policy-family';

/**
 * Baseline: no guess at all. What is final of an output that still streams lets calls start early that need no more than that, as a
 * parallel or streaming executor would (LLMCompiler, arXiv:2312.04511; spec-ptc). Everything else that a pipeline does side by side by
 * itself it does under every policy.
 */
export const parallelOnly = policyFamily({
  name: 'parallel-only',
  summary: 'starts early only what rests on final values of outputs that still stream',
  source: 'baseline, as LLMCompiler (arXiv:2312.04511)',
  parameters: {},
  policy: () => ({
    drafts: 'never',
    wants: ({ supports }) => supports.some((world) => world.every(({ source }) => source === 'stream')),
  }),
});
