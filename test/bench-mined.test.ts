import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { minedExperiment } from '../bench/mined/experiment';
import { calibrationError, hitRate, precision, reliabilityBins } from '../bench/mined/forecast-grades';
import type { ForecastMoment } from '../bench/mined/leave-one-task-out';

const folder = mkdtempSync(join(tmpdir(), 'bench-mined-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const say = () => undefined;

/** Each customer names a number, under which the order is looked up. */
function conversation(task: number) {
  const id = `c-${41_000 + 97 * task}`;
  const steps = [
    { role: 'user', content: `Hello, my number is ${id}.` },
    { role: 'assistant', call: 'get_order', args: { id } },
    { role: 'tool', name: 'get_order', content: JSON.stringify({ parts: task }) },
    { role: 'assistant', content: `There are ${task} parts in it, as you said on day ${task}.` },
    { role: 'user', content: '###STOP###' },
  ];
  return JSON.stringify({ task_id: task, trial: 0, reward: 1, steps });
}

describe('bench mined', () => {
  test('leaves each task out, and gives hits with what they are a share of, beside the baselines', async () => {
    mkdirSync(join(folder, 'taubench-airline'));
    const lines = Array.from({ length: 8 }, (_, task) => conversation(task)).join('\n');
    writeFileSync(join(folder, 'taubench-airline', 'tasks-00-24.jsonl'), lines);
    const { comparisons, problems } = await minedExperiment({ seed: 1, data: folder, say });
    const [table, byTool] = comparisons?.[0]?.tables ?? [];
    const everything = '8/8 = 100.0 % (100.0 % to 100.0 %)';
    expect(table?.rows.map(([name, top1, top3]) => [name, top1, top3])).toEqual([
      ['mined', everything, everything],
      ['most frequent', '0/8 = 0.0 % (0.0 % to 0.0 %)', '0/8 = 0.0 % (0.0 % to 0.0 %)'],
      ['bigram', '0/8 = 0.0 % (0.0 % to 0.0 %)', '0/8 = 0.0 % (0.0 % to 0.0 %)'],
      ['bigram, latest values', '0/8 = 0.0 % (0.0 % to 0.0 %)', '0/8 = 0.0 % (0.0 % to 0.0 %)'],
    ]);
    expect(byTool?.rows).toEqual([['getOrder', everything, everything]]);
    expect(problems.filter((problem) => problem.startsWith('top-'))).toEqual([]);
  });

  test('says where to get recordings that are not there', async () => {
    await expect(minedExperiment({ seed: 1, data: join(folder, 'nowhere'), say })).rejects.toThrow(
      /sierra-research\/tau-bench.*--data or RUNAHEAD_DATA/,
    );
  });
});

describe('grades of forecasts', () => {
  const moment = (task: number, tool: string | null, ...guesses: [number, boolean][]): ForecastMoment => ({
    task,
    tool,
    guesses: guesses.map(([probability, right]) => ({ probability, right })),
  });
  const moments = [
    moment(1, 'getOrder', [0.9, true], [0.1, false]),
    moment(1, 'searchParts', [0.6, false], [0.4, true]),
    moment(2, 'cancelOrder', [0.6, true]),
    moment(2, 'calculate'),
    moment(2, null, [0.65, false]),
  ];

  test('hits are those of reads, precision that of all moments with a forecast', () => {
    expect(hitRate(moments, 1, 1)).toMatchObject({ numerator: 1, denominator: 2 });
    expect(hitRate(moments, 3, 1)).toMatchObject({ numerator: 2, denominator: 2 });
    expect(precision(moments, 0, 1)).toMatchObject({ numerator: 2, denominator: 4 });
    expect(precision(moments, 0.7, 1)).toMatchObject({ numerator: 1, denominator: 1 });
    expect(precision(moments, 0.95, 1)).toBeNull();
  });

  test('the calibration error weighs each bin by its forecasts', () => {
    const bins = reliabilityBins(moments, 1);
    expect(bins.map(({ observed }) => observed)).toEqual([
      { numerator: 1, denominator: 3 },
      { numerator: 1, denominator: 1 },
    ]);
    // (|0.6 + 0.6 + 0.65 - 1| + |0.9 - 1|) / 4
    expect(calibrationError(bins)).toBeCloseTo(0.2375);
  });
});
