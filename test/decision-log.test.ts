import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { mismatchesOf } from '../client/decision-log/audit';
import type { DecisionRecord } from '../client/decision-log/decision-record';
import { ALL_COLUMNS } from '../client/decision-log/parquet-columns';
import { readDecisionLog } from '../client/decision-log/read-decision-log';
import { decisionLogWriter } from '../client/decision-log/write-decision-log';
import { decideAsk } from '../speculation/decision/ask-draft';
import { decide, type DecisionInputs } from '../speculation/decision/decision';
import { DEFAULT_KNOB } from '../speculation/decision/knob';
import { runahead } from './support/command-line';
import { hypothesis, OBVIOUS } from './support/sample-decision';

let folder = '';
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'decision-log-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ORIGIN = { schema: 1 as const, workflowId: 'reply-1', runId: 'run-1', workflowType: 'autoReply' };
const OPEN = { forecast: null, launch: null, costUsd: null, savedSeconds: null, realisedValueUsd: null };
const INPUTS: DecisionInputs = {
  ...OBVIOUS,
  atMs: 1_700_000_000_123,
  maxDepth: 3,
  supports: [[{ ...hypothesis(0.75), a: 3, b: 1, counts: { hits: 2, total: 3 } }]],
  siblings: [0.1, 0.05],
  knob: { ...DEFAULT_KNOB, budgetUsd: '0.25' },
  cost: {
    kind: 'tokens',
    model: 'gpt-4o',
    expected: { inputTokens: 500, cachedInputTokens: 100, outputTokens: 800 },
    rates: { inputUsdPerMillion: 3, cachedInputUsdPerMillion: 0.3, outputUsdPerMillion: 15 },
  },
  mostUsd: 0.02,
  latencySavedSeconds: 0.8,
  spentUsd: '0.001',
  calibration: { stage: 'canary', launches: true },
};

const launchRow: DecisionRecord = {
  ...ORIGIN,
  ...decide(INPUTS),
  outcome: { forecast: 'right', launch: 'claimed', costUsd: '0.0123', savedSeconds: 0.7, realisedValueUsd: 0.007 },
};
const undeclaredRow: DecisionRecord = {
  ...ORIGIN,
  ...decide({ ...INPUTS, id: 2, k: null, declared: null }),
  outcome: OPEN,
};
const askRow: DecisionRecord = {
  ...ORIGIN,
  ...decideAsk({
    id: 3,
    atMs: 5,
    pipeline: 'autoReply',
    phase: 'ask',
    upstream: 'classify',
    draft: 'guess',
    draftCostUsd: 0.0001,
    candidates: [{ downstream: 'draft', P: 0.5, speculativeCostUsd: 0.001, latencySavedSeconds: 1 }],
    knob: { ...DEFAULT_KNOB },
    spentUsd: '0',
    reservedUsd: '0',
  }),
  outcome: { ...OPEN, costUsd: '0.0001' },
};
const ROWS = [launchRow, undeclaredRow, askRow];

/** As a row is once it has been text. */
const plain = (rows: unknown): unknown => JSON.parse(JSON.stringify(rows));

async function written(name: string, rows: DecisionRecord[]): Promise<string> {
  const file = join(folder, name);
  const writer = await decisionLogWriter(file);
  for (const row of rows) await writer.write([row]);
  await writer.end();
  return file;
}

describe.each(['jsonl', 'parquet'])('a decision log as .%s', (ending) => {
  test('holds rows of every phase to the last digit', async () => {
    const { rows, places, bad } = await readDecisionLog(await written(`all.${ending}`, ROWS));
    expect(rows).toEqual(plain(ROWS));
    expect(places).toEqual([1, 2, 3]);
    expect(bad).toEqual([]);
  });

  test('is audited without a mismatch, whatever the numbers are', async () => {
    const quantity = fc.double({ min: 0, max: 1e6, noNaN: true });
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ seconds: quantity, usd: quantity, alpha: share, P: share }), {
          minLength: 1,
          maxLength: 8,
        }),
        async (cases) => {
          const decided = cases.map(({ seconds, usd, alpha, P }, index) => ({
            ...ORIGIN,
            ...decide({
              ...INPUTS,
              id: index,
              supports: [[{ ...INPUTS.supports[0]![0]!, probability: P }]],
              cost: { kind: 'fixed' as const, usd },
              latencySavedSeconds: seconds,
              knob: { ...INPUTS.knob, alpha },
            }),
            outcome: OPEN,
          }));
          const { rows, bad } = await readDecisionLog(await written(`random.${ending}`, decided));
          expect(bad).toEqual([]);
          expect(rows.flatMap((row, index) => mismatchesOf(index, row))).toEqual([]);
        },
      ),
      { numRuns: 30 },
    );
  });

  test('with a changed digit is found out, by row and field', async () => {
    const file = await written(`forged.${ending}`, [launchRow, { ...launchRow, id: 7, P: 0.74 }, askRow]);
    const answer = await runahead('audit', file);
    expect(answer).toMatchObject({ exitCode: 1, errors: '' });
    expect(answer.output).toContain('row 2 (reply-1, decision 7): P is 0.74, its inputs give 0.75');
    expect(answer.output).toContain('2/3 rows follow from their own inputs');
  });
});

test('an audit of sound rows says so', async () => {
  expect(await runahead('audit', await written('sound.parquet', ROWS))).toEqual({
    exitCode: 0,
    output: '3/3 rows follow from their own inputs\n',
    errors: '',
  });
});

test('bad rows are named and left out, the others are used, and the exit code says so', async () => {
  const file = await written('corrupt.jsonl', ROWS);
  const [first = '', second = '', third = ''] = readFileSync(file, 'utf8').trim().split('\n');
  const withAlpha = JSON.stringify({ ...launchRow, knob: { ...launchRow.knob, alpha: 7 } });
  const old = JSON.stringify({ ...launchRow, schema: 9 });
  const negative = JSON.stringify(launchRow).replace('"inputTokens":500', '"inputTokens":-500');
  const lines = [first, withAlpha, '', old, negative, 'no JSON at all', second, third.slice(0, third.length / 2)];
  writeFileSync(file, lines.join('\n'));

  const report = await readDecisionLog(file);
  expect(report.rows).toEqual(plain([launchRow, undeclaredRow]));
  expect(report.places).toEqual([1, 7]);
  expect(report.bad.map(({ row }) => row)).toEqual([2, 4, 5, 6, 8]);
  expect(report.bad.map(({ problem }) => problem)).toEqual([
    'knob.alpha is 7: must be 0 to 1',
    'schema is 9: must be 1: this version reads no other',
    'cost.expected.inputTokens is -500: must not be negative',
    expect.stringMatching(/^is no JSON/),
    expect.stringMatching(/^is no JSON/),
  ]);
  const answer = await runahead('audit', file);
  expect(answer.exitCode).toBe(2);
  expect(answer.output).toContain('row 2 is left out: knob.alpha is 7: must be 0 to 1');
  expect(answer.output).toContain('2/2 rows follow from their own inputs; 5 could not be read');
  expect(await runaheadJsonOf('audit', file)).toMatchObject({ rows: 2, wrongRows: 0, bad: { length: 5 } });
});

test('a row that held because its numbers were unusable is no bad row', async () => {
  const row = { ...ORIGIN, ...decide({ ...INPUTS, latencySavedSeconds: NaN }), outcome: OPEN };
  const { rows, bad } = await readDecisionLog(await written('unusable.jsonl', [row]));
  expect(bad).toEqual([]);
  expect(rows.flatMap((each, index) => mismatchesOf(index, each))).toEqual([]);
});

test('a row of a policy that nobody knows cannot be recomputed, and that is said', async () => {
  const [mismatch] = mismatchesOf(4, { ...launchRow, policyName: 'crystal-ball' });
  expect(mismatch).toMatchObject({ row: 4, field: 'policyName', logged: 'crystal-ball' });
});

test('rows of before plans and stages were logged follow from what they have', () => {
  const since = ['wanted', 'override', 'overrideReason', 'siblings', 'mostUsd', 'calibration'];
  const old = Object.fromEntries(Object.entries(launchRow).filter(([field]) => !since.includes(field)));
  expect(mismatchesOf(1, old as unknown as DecisionRecord)).toEqual([]);
});

test.each([
  ['a file that is not there', 'nowhere.jsonl', /cannot be read as a decision log/],
  ['another kind of file', 'notes.txt', /ends in \.jsonl or \.parquet/],
  ['columns that are none', 'broken.parquet', /cannot be read as a decision log/],
])('%s is refused in one line', async (_name, name, message) => {
  if (!name.startsWith('nowhere')) writeFileSync(join(folder, name), 'not a log');
  const answer = await runahead('audit', join(folder, name));
  expect(answer.exitCode).toBe(2);
  expect(answer.errors).toMatch(message);
});

test('an export to another kind of file is refused before anybody is asked', async () => {
  await expect(decisionLogWriter(join(folder, 'log.csv'))).rejects.toThrow(/ends in \.jsonl \(rows\) or \.parquet/);
  await expect(decisionLogWriter(join(folder, 'no', 'such', 'folder.jsonl'))).rejects.toThrow(/cannot be written/);
});

async function runaheadJsonOf(...args: string[]): Promise<unknown> {
  const { output } = await runahead(...args, '--json');
  return { ...(JSON.parse(output) as { bad: unknown[] }) };
}

test('the page about the schema names every column and no other', () => {
  const page = readFileSync(join(__dirname, '..', 'docs', 'decision-log.md'), 'utf8');
  const tables = page.slice(page.indexOf('## Schema 1'));
  const named = [...tables.matchAll(/^\| ((?:`[\w.]+`(?:, )?)+) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([\w.]+)`/g)].map(([, field]) => field),
  );
  expect([...named].sort()).toEqual(ALL_COLUMNS.map(({ name }) => name).sort());
});
