import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RunaheadClient } from '../client/runahead-client';
import type { ReconcileReport } from '../client/reconcile/reconcile-report';
import { callModel } from '../activities/model';
import { createModelClient } from '../activities/model-client';
import { definePolicy } from '../speculation/plugin';
import { sumUsd } from '../speculation/ledger/price-usage';
import { startLocalModel, type LocalModel } from '../workers/local-model';
import { startMeter, type InvoiceLine, type Meter } from '../workers/meter';
import { startWorker, type RunningWorker } from '../workers/worker';
import { runahead, type Answer } from './support/command-line';
import { TEST_MODEL, TEST_RATES } from './support/model';
import { useTemporal, type TemporalForTests } from './support/temporal';
import { untilAnswer } from './support/until-answer';

const NANO = '0.000000001';

describe('runahead reconcile', () => {
  let running: TemporalForTests;
  let worker: RunningWorker;
  let model: LocalModel;
  let meter: Meter;
  let folder: string;
  let taskQueue: string;

  // Before the server goes, which is why this comes before it.
  afterAll(async () => {
    await worker.stop();
    await meter.stop();
    await model.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const temporal = useTemporal();

  const started: { workflowId: string; runs: number }[] = [];
  const run = async (workflowType: string, runs: number, ...args: unknown[]): Promise<string> => {
    const workflowId = `${workflowType}-${started.length}`;
    started.push({ workflowId, runs });
    await running.client.workflow.execute(workflowType, { taskQueue, workflowId, args });
    return workflowId;
  };

  beforeAll(async () => {
    running = await temporal.start();
    folder = mkdtempSync(join(tmpdir(), 'reconcile-'));
    taskQueue = temporal.taskQueue('reconcile');
    model = await startLocalModel({
      timeToFirstTokenMs: 0,
      tokensPerSecond: 100_000,
      script: ({ messages }) => {
        const text = messages.at(-1)?.content ?? '';
        return { text: `Answer to ${text}`, ...(text.startsWith('slow') && { ttftMs: 1_000 }) };
      },
      faults: ({ messages }, attempt) => {
        const text = messages.at(-1)?.content ?? '';
        if (text.includes('refused') && attempt === 0) return { kind: 'error', status: 429 };
        return text.includes('no usage') ? { kind: 'no-usage' } : null;
      },
    });
    meter = await startMeter({ upstreamUrl: model.baseUrl, rates: { [TEST_MODEL]: TEST_RATES } });
    const client = createModelClient(meter.baseUrl);
    const ask = async (text: string): Promise<string> =>
      (await callModel({ model: TEST_MODEL, messages: [{ role: 'user', content: text }] }, { client })).text;
    const cost = { kind: 'model', model: TEST_MODEL, inputTokens: 20, outputTokens: 10 } as const;
    worker = await startWorker({
      connection: running.nativeConnection,
      taskQueue,
      policy: definePolicy({
        prices: { [TEST_MODEL]: TEST_RATES },
        activities: {
          ask: { effect: 'none', cost },
          askMany: { effect: 'none', cost },
          fee: { effect: 'none', cost: { kind: 'fixed', usd: 0.25 } },
        },
      }),
      activities: {
        ask,
        askMany: async (texts: string[]) => {
          for (const text of texts) await ask(text);
          return texts.length;
        },
        fee: () => Promise.resolve('paid'),
      },
      workerOptions: { workflowsPath: require.resolve('./reconcile-workflows') },
    });
    await run('questions', 1, ['one', 'two', 'refused at first', 'no usage at the end']);
    await run(
      'manyQuestions',
      1,
      Array.from({ length: 25 }, (_, index) => `many ${index}`),
    );
    await run('continuing', 3, ['first', 'second', 'third']);
    const reset = await run('questions', 2, ['kept', 'made again']);
    const { events } = await running.client.workflow.getHandle(reset).fetchHistory();
    const completed = events?.filter(
      ({ workflowTaskCompletedEventAttributes }) => workflowTaskCompletedEventAttributes != null,
    );
    await running.connection.workflowService.resetWorkflowExecution({
      namespace: 'default',
      workflowExecution: { workflowId: reset },
      // After the answer to the first question.
      workflowTaskFinishEventId: completed?.[1]?.eventId ?? null,
      requestId: 'reset-once',
      reason: 'test',
    });
    await running.client.workflow.getHandle(reset).result();
    await run('leaving', 1);
    await untilAnswer(
      () => new RunaheadClient(running.client).lateBills(),
      ({ count }) => count === 1,
    );
    const runs = started.reduce((sum, each) => sum + each.runs, 0);
    await untilAnswer(
      () => running.client.workflow.count('ExecutionStatus != "Running" AND WorkflowType != "runaheadControl"'),
      ({ count }) => count === runs,
    );
  });

  const header =
    'request_id,client_request_id,model,input_tokens,cached_input_tokens,cache_write_tokens,output_tokens,cost_usd,started_at';
  const csvLine = (line: InvoiceLine): string =>
    [
      line.requestId ?? '',
      line.clientRequestId ?? '',
      line.model,
      line.inputTokens,
      line.cachedInputTokens,
      line.cacheWriteTokens,
      line.outputTokens,
      line.costUsd,
      new Date(line.startedAtMs).toISOString(),
    ].join(',');
  const exported = (name: string, lines: readonly InvoiceLine[]): string => {
    const file = join(folder, name);
    writeFileSync(file, `${[header, ...lines.map(csvLine)].join('\n')}\n`);
    return file;
  };
  const reconcile = (file: string, ...more: string[]): Promise<Answer> =>
    runahead('reconcile', file, '--address', running.server.address, ...more);
  const report = async (file: string, ...more: string[]): Promise<ReconcileReport & { exitCode: number }> => {
    const { exitCode, output, errors } = await reconcile(file, '--json', ...more);
    expect(errors).toBe('');
    return { ...(JSON.parse(output) as ReconcileReport), exitCode };
  };
  const charged = (): InvoiceLine[] => meter.invoice().filter(({ inputTokens }) => inputTokens > 0);

  test('books and bill agree over refused requests, many bills in one entry, continue-as-new, a reset and a late bill', async () => {
    const lines = charged();
    // Four of the first pipeline, without the one that was refused; of the reset one, one was kept and one was made again.
    expect(lines).toHaveLength(4 + 25 + 3 + 3 + 2);
    const result = await report(exported('all.csv', meter.invoice()));
    expect(result).toMatchObject({
      exitCode: 0,
      agrees: true,
      requests: {
        findings: [],
        equal: { requests: lines.length },
        billedUsd: meter.totalUsd(),
        differenceUsd: '0',
        fixed: { calls: 3, costUsd: '0.75' },
        empty: 1,
      },
      books: {
        runs: 8,
        unread: [],
        unlistedUsd: '0',
        unlisted: [],
        open: 0,
        unresolved: [{ workflowType: 'leaving', operation: 'ask' }],
        late: { bills: 1, unlistedUsd: '0' },
      },
    });
    const { exitCode, output } = await reconcile(exported('all.csv', lines));
    expect(exitCode).toBe(0);
    expect(output).toContain('37 of 37 requests agree to the last nano-dollar');
    expect(output).toContain('left out: 3 calls with a fixed price, $0.75');
    expect(output.trimEnd()).toMatch(/Books and bill agree\.$/);
  });

  test('a row that is missing, one that is doubled and one nano-dollar are each found, and nothing else is', async () => {
    const [first, second, third, ...rest] = charged();
    const dearer = { ...third!, costUsd: sumUsd([third!.costUsd, NANO]) };
    const file = exported('different.csv', [second!, second!, dearer, ...rest]);
    const written = join(folder, 'reports', 'different.json');
    const { exitCode, output } = await reconcile(file, '--report', written);
    expect(exitCode).toBe(1);
    expect(output).toMatch(new RegExp(`different +${third!.requestId!} .*\\+\\$0\\.000000001 `));
    expect(output).toMatch(new RegExp(`booked, not on the bill +${first!.requestId!} .*-\\$${first!.costUsd} `));
    expect(output).toMatch(new RegExp(`twice on the bill +${second!.requestId!} .*\\+\\$${second!.costUsd} `));
    expect(output).toContain('Books and bill differ.');
    const { requests, agrees } = JSON.parse(readFileSync(written, 'utf8')) as ReconcileReport;
    expect(agrees).toBe(false);
    expect(requests?.findings.map(({ kind, requestId, differenceUsd }) => [kind, requestId, differenceUsd])).toEqual([
      ['different', third!.requestId, NANO],
      ['not-on-bill', first!.requestId, `-${first!.costUsd}`],
      ['duplicate', second!.requestId, second!.costUsd],
    ]);
    expect(requests?.equal.requests).toBe(rest.length + 1);
  });

  test('a request that the books do not know is found, and so is a bill of pipelines that the query leaves out', async () => {
    const lines = charged();
    const stranger = { ...lines[0]!, requestId: 'chatcmpl-stranger', clientRequestId: 'somebody-else' };
    const all = await report(exported('stranger.csv', [...lines, stranger]));
    expect(all).toMatchObject({
      exitCode: 1,
      requests: { findings: [{ kind: 'not-booked', requestId: 'chatcmpl-stranger' }] },
    });
    const some = await report(exported('some.csv', lines), '--query', 'WorkflowType = "manyQuestions"');
    expect(some.books.runs).toBe(1);
    // Late bills are the control workflow's, whoever ran up what they are for.
    expect(some.requests?.equal.requests).toBe(25 + 1);
    expect(some.requests?.findings.every(({ kind }) => kind === 'not-booked')).toBe(true);
  });

  test('an estimate that is off counts beyond the tolerance, and is shown below it', async () => {
    const lines = charged();
    const at = lines.findIndex(({ complete }) => !complete);
    const off = { ...lines[at]!, costUsd: sumUsd([lines[at]!.costUsd, '0.005']) };
    const file = exported('estimated.csv', lines.with(at, off));
    expect(await report(file)).toMatchObject({
      exitCode: 0,
      requests: { findings: [{ kind: 'estimated', counts: false }] },
    });
    expect(await report(file, '--tolerance-usd', '0.004')).toMatchObject({ exitCode: 1 });
    expect((await reconcile(file)).output).toMatch(/estimated +chatcmpl-.* ~\$.*\+\$0\.005 /);
  });

  test('a window compares what started in it, on both sides', async () => {
    const lines = charged().toSorted((left, right) => left.startedAtMs - right.startedAtMs);
    const from = new Date(lines[4]!.startedAtMs).toISOString();
    const later = lines.filter(({ startedAtMs }) => startedAtMs >= Date.parse(from));
    const result = await report(exported('window.csv', lines), '--from', from);
    expect(result).toMatchObject({ exitCode: 0, requests: { equal: { requests: later.length }, findings: [] } });
    const nothing = await report(exported('window.csv', lines), '--to', '2026-01-01T00:00:00Z');
    expect(nothing.requests).toMatchObject({ equal: { requests: 0 }, findings: [] });
  });

  test('an export without request ids is compared in sums, and it says so', async () => {
    const page = (change: number): string => {
      const lines = charged();
      const sum = (of: (line: InvoiceLine) => number): number => lines.reduce((total, line) => total + of(line), 0);
      const result = {
        object: 'organization.usage.completions.result',
        model: TEST_MODEL,
        input_tokens: sum(({ inputTokens }) => inputTokens),
        input_cached_tokens: sum(({ cachedInputTokens }) => cachedInputTokens),
        output_tokens: sum(({ outputTokens }) => outputTokens) + change,
        num_model_requests: lines.length,
      };
      const day = Math.floor(Date.now() / 86_400_000) * 86_400;
      const file = join(folder, 'openai.json');
      const bucket = { object: 'bucket', start_time: day - 86_400, end_time: day + 2 * 86_400, results: [result] };
      writeFileSync(file, JSON.stringify({ object: 'page', data: [bucket], has_more: false }));
      return file;
    };
    const agreeing = await reconcile(page(0));
    expect(agreeing.exitCode).toBe(0);
    expect(agreeing.output).toMatch(/^equal +test-model +37 /m);
    expect(agreeing.output).toContain('single requests cannot be matched');
    const differing = await reconcile(page(1));
    expect(differing.exitCode).toBe(1);
    expect(differing.output).toMatch(/^different +test-model +37 .* \d+ \/ \d+ /m);
  });

  test('a run that nobody answers for is named, and keeps the books from being complete', async () => {
    const handle = await running.client.workflow.start('questions', {
      taskQueue: temporal.taskQueue('nobody'),
      workflowId: 'unanswered',
      args: [[]],
    });
    await untilAnswer(
      () => running.client.workflow.count('WorkflowId = "unanswered"'),
      ({ count }) => count === 1,
    );
    try {
      const file = exported('unread.csv', charged());
      const result = await report(file);
      expect(result).toMatchObject({
        exitCode: 1,
        agrees: false,
        requests: { agrees: true },
        books: { unread: [{ workflowId: 'unanswered', workflowType: 'questions', reason: expect.any(String) }] },
      });
      const { output } = await reconcile(file);
      expect(output).toMatch(/^unread: questions unanswered\/\S+: .+/m);
      expect(output).toContain('not all of the books could be read');
    } finally {
      await handle.terminate();
    }
  });

  test.each([
    [['no-such-file.csv'], /^runahead: no-such-file\.csv: cannot be read/],
    [['x.csv', '--tolerance-usd', '-1'], /--tolerance-usd is "-1"/],
    [['x.csv', '--from', 'soon'], /--from is "soon": use a date/],
  ])('%j is refused before anybody is asked, with exit code 2', async (args, message) => {
    const { exitCode, output, errors } = await runahead('reconcile', ...args, '--address', '127.0.0.1:1');
    expect({ exitCode, output }).toEqual({ exitCode: 2, output: '' });
    expect(errors).toMatch(message);
    expect(errors.trim().split('\n')).toHaveLength(1);
  });

  test('an export that cannot be used ends with 2, and no report is written', async () => {
    const file = join(folder, 'bad.csv');
    writeFileSync(file, `${header}\nchatcmpl-1,,m,ten,0,0,1,0.1,2026-11-24T00:00:00Z\n`);
    const written = join(folder, 'bad.json');
    const { exitCode, errors } = await reconcile(file, '--report', written);
    expect(exitCode).toBe(2);
    expect(errors).toContain('bad.csv: line 2 has input_tokens "ten"; use a whole number');
    expect(() => readFileSync(written)).toThrow(/ENOENT/);
  });
});
