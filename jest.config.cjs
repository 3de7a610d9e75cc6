// What is printed is compared as text; on a build machine the terminal library would colour it.
process.env.NO_COLOR = '1';

/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  transform: {
    '^.+\\.[tj]s$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, sourceMaps: 'inline' },
    ],
  },
  // These come as ES modules only, which Jest cannot import from CommonJS.
  transformIgnorePatterns: ['/node_modules/(?!hyparquet(-writer)?/)', '/dist/'],
  testTimeout: 60_000,
  maxWorkers: 1,
};
