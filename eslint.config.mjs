import tseslint from 'typescript-eslint';

const temporal = {
  group: ['@temporalio/*'],
  message: 'The pure folders import nothing from Temporal (design: arrows point one way).',
};
const outer = (names) => ({
  group: names.map((name) => `**/${name}/**`),
  message: 'Arrows point one way: workflows, activities, workers, client -> plugin -> runtime -> the pure parts.',
});

export default tseslint.config(
  { ignores: ['dist', 'node_modules', '**/*.mjs', '**/*.cjs'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      'no-console': 'error',
    },
  },
  {
    files: ['speculation/{budget,decision,estimate,forecast,frontier,ledger,policies,verification}/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [temporal, outer(['runtime', 'plugin', 'workflows', 'activities', 'workers', 'client', 'bench'])] },
      ],
    },
  },
  {
    files: ['speculation/runtime/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { group: ['@temporalio/{client,worker,activity,plugin,testing}', 'node:*'], message: 'Sandbox code.' },
            outer(['plugin', 'workflows', 'activities', 'workers', 'client', 'bench']),
          ],
        },
      ],
    },
  },
  {
    files: ['speculation/plugin/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [outer(['workflows', 'activities', 'workers', 'client', 'bench'])] },
      ],
    },
  },
  {
    // Benchmarks and experiments use everything; only the command line may start them.
    files: ['{workflows,activities,workers}/**'],
    rules: { 'no-restricted-imports': ['error', { patterns: [outer(['bench'])] }] },
  },
  {
    files: ['client/**', 'bench/**', 'workers/**', 'docs/snippets/**'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['test/**'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/require-await': 'off',
      // Jest's asymmetric matchers and Temporal's query results are typed any.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
);
