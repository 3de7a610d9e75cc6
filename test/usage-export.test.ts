import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readUsageExport, type ExportFormat, type UsageExport } from '../client/usage-export/read-usage-export';
import { UsageExportError } from '../client/usage-export/usage-export-error';

let folder = '';
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'usage-export-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const read = (name: string, text: string, format?: ExportFormat): Promise<UsageExport> =>
  readUsageExport(file(name, text), format);

async function problem(name: string, text: string, format?: ExportFormat): Promise<string> {
  const error = await read(name, text, format).then(
    () => null,
    (cause: unknown) => cause,
  );
  expect(error).toBeInstanceOf(UsageExportError);
  return (error as Error).message.replace(`${folder}/`, '');
}

const ROW = {
  requestId: 'chatcmpl-1',
  clientRequestId: 'c-1',
  model: 'gpt-x',
  tokens: { inputTokens: 1250, cachedInputTokens: 200, cacheWriteTokens: 50, outputTokens: 30 },
  costUsd: '0.000135',
  startedAtMs: Date.parse('2026-11-24T12:00:00Z'),
};
const HEADER =
  'request_id,client_request_id,model,input_tokens,cached_input_tokens,cache_write_tokens,output_tokens,cost_usd,started_at';
const LINE = 'chatcmpl-1,c-1,gpt-x,1250,200,50,30,0.000135,2026-11-24T12:00:00Z';

describe('a usage export is read', () => {
  test.each([
    ['commas', `${HEADER}\n${LINE}\n`],
    ['semicolons', `${HEADER}\n${LINE}\n`.replaceAll(',', ';')],
    ['tabs, with a byte order mark and Windows line ends', `\uFEFF${HEADER}\r\n\r\n${LINE}\r\n`.replaceAll(',', '\t')],
    ['quotes', `${HEADER}\n${LINE.replace('gpt-x', '"gpt-x"').replace('c-1', '"c-1"')}\n`],
  ])('as CSV with %s', async (_name, text) => {
    const usage = await read('a.csv', text);
    expect(usage).toMatchObject({ kind: 'requests', rows: [ROW] });
  });

  test('with the separator and line ends within quotes left alone', async () => {
    const usage = await read('q.csv', `${HEADER}\n${LINE.replace('gpt-x', '"gpt, ""x""\nnew"')}\n${LINE}\n`);
    expect(usage).toMatchObject({ rows: [{ model: 'gpt, "x"\nnew' }, { place: 'line 4' }] });
  });

  const OBJECT = {
    request_id: 'chatcmpl-1',
    client_request_id: 'c-1',
    model: 'gpt-x',
    input_tokens: 1250,
    cached_input_tokens: 200,
    cache_write_tokens: 50,
    output_tokens: 30,
    cost_usd: '0.000135',
    started_at: 1_795_521_600,
  };
  test.each([
    ['an array', 'a.json', JSON.stringify([OBJECT])],
    ['{ data: [...] }', 'a.json', JSON.stringify({ data: [OBJECT] })],
    ['JSON Lines', 'a.jsonl', `${JSON.stringify(OBJECT)}\n\n${JSON.stringify(OBJECT)}\n`],
    ['pages', 'a.jsonl', [true, false].map((more) => JSON.stringify({ data: [OBJECT], has_more: more })).join('\n')],
    ['JSON without a telling name', 'export', JSON.stringify([OBJECT])],
  ])('as %s', async (_name, name, text) => {
    expect(await read(name, text)).toMatchObject({
      kind: 'requests',
      rows: expect.arrayContaining([expect.objectContaining(ROW)]),
    });
  });

  test('as spend logs of LiteLLM', async () => {
    const log = {
      request_id: 'chatcmpl-1',
      call_type: 'acompletion',
      spend: 0.000135,
      total_tokens: 40,
      prompt_tokens: 10,
      completion_tokens: 30,
      startTime: '2026-11-24T12:00:00.000Z',
      model: 'gpt-x',
      metadata: { usage: 'ignored' },
    };
    expect(await read('litellm.json', JSON.stringify([log]))).toMatchObject({
      rows: [
        {
          requestId: 'chatcmpl-1',
          tokens: { inputTokens: 10, cachedInputTokens: null, outputTokens: 30 },
          costUsd: '0.000135',
          startedAtMs: ROW.startedAtMs,
        },
      ],
    });
  });

  test('as generations of OpenRouter, which charges the tokens of the model itself', async () => {
    const generation = {
      id: 'gen-1',
      upstream_id: 'chatcmpl-9',
      model: 'vendor/m',
      total_cost: 0.0015,
      usage: 0.0015,
      created_at: '2026-11-24T12:00:00.433273+00:00',
      tokens_prompt: 8,
      tokens_completion: 20,
      native_tokens_prompt: 10,
      native_tokens_completion: 25,
      native_tokens_cached: 3,
    };
    const row = {
      requestId: 'gen-1',
      tokens: { inputTokens: 10, cachedInputTokens: 3, outputTokens: 25 },
      costUsd: '0.0015',
    };
    expect(await read('one.json', JSON.stringify({ data: generation }))).toMatchObject({ rows: [row] });
    expect(
      await read('many.jsonl', `${JSON.stringify({ data: generation })}\n${JSON.stringify({ data: generation })}`),
    ).toMatchObject({ rows: [row, row] });
  });

  test('as stored replies of a model, with usage inside', async () => {
    const reply = {
      id: 'chatcmpl-1',
      model: 'gpt-x',
      created: 1_795_521_600,
      usage: { prompt_tokens: 10, completion_tokens: 3, prompt_tokens_details: { cached_tokens: 4 } },
    };
    expect(await read('replies.json', JSON.stringify([reply]))).toMatchObject({
      rows: [{ tokens: { inputTokens: 10, cachedInputTokens: 4, outputTokens: 3 }, costUsd: null }],
    });
  });

  test('as buckets of the usage API of OpenAI, which has no single requests', async () => {
    const result = {
      object: 'organization.usage.completions.result',
      input_tokens: 1000,
      input_cached_tokens: 800,
      output_tokens: 500,
      num_model_requests: 5,
      model: 'gpt-x',
      project_id: null,
    };
    const page = {
      object: 'page',
      data: [
        { object: 'bucket', start_time: 1_795_478_400, end_time: 1_795_564_800, results: [result] },
        { object: 'bucket', start_time: 1_795_564_800, end_time: 1_795_651_200, results: [] },
      ],
      has_more: false,
      next_page: null,
    };
    expect(await read('openai.json', JSON.stringify(page))).toEqual({
      kind: 'sums',
      sums: [
        {
          place: 'item 1, result 1',
          model: 'gpt-x',
          requests: 5,
          tokens: { inputTokens: 1000, cachedInputTokens: 800, cacheWriteTokens: null, outputTokens: 500 },
          costUsd: null,
          fromMs: 1_795_478_400_000,
          toMs: 1_795_564_800_000,
        },
      ],
      covered: [
        { fromMs: 1_795_478_400_000, toMs: 1_795_564_800_000 },
        { fromMs: 1_795_564_800_000, toMs: 1_795_651_200_000 },
      ],
    });
    expect(await problem('openai.json', JSON.stringify({ ...page, has_more: true, next_page: 'AAA' }))).toBe(
      'openai.json: has_more is true in the last page, so the export is not complete; fetch the pages that follow (next_page is "AAA") and add them, one page a line.',
    );
  });

  test('as the activity of OpenRouter, by model and day', async () => {
    const day = {
      date: '2026-11-24',
      model: 'vendor/m',
      usage: 0.015,
      requests: 5,
      prompt_tokens: 50,
      completion_tokens: 125,
    };
    expect(await read('activity.json', JSON.stringify({ data: [day] }))).toMatchObject({
      kind: 'sums',
      sums: [
        {
          model: 'vendor/m',
          requests: 5,
          costUsd: '0.015',
          fromMs: Date.parse('2026-11-24T00:00:00Z'),
          toMs: Date.parse('2026-11-25T00:00:00Z'),
        },
      ],
    });
  });
});

describe('a usage export that cannot be used is refused with place, column, value and way out', () => {
  const withValue = (column: string, value: string): string => {
    const at = HEADER.split(',').indexOf(column);
    const cells = LINE.split(',');
    cells[at] = `"${value}"`;
    return `${HEADER}\n${LINE}\n${cells.join(',')}\n`;
  };
  test.each([
    ['input_tokens', 'many', 'use a whole number of at least 0, without separators, such as 1250'],
    ['input_tokens', '1,250', 'use a whole number of at least 0, without separators, such as 1250'],
    ['output_tokens', '-3', 'use a whole number of at least 0, without separators, such as 1250'],
    ['cached_input_tokens', '1.5', 'use a whole number of at least 0, without separators, such as 1250'],
    ['cost_usd', '$0.01', 'use US dollars of at least 0 with a point and without a currency sign, such as 0.000135'],
    ['cost_usd', '0,01', 'use US dollars of at least 0 with a point and without a currency sign, such as 0.000135'],
    ['cost_usd', 'NaN', 'use US dollars of at least 0 with a point and without a currency sign, such as 0.000135'],
    ['started_at', 'yesterday', 'use seconds since 1970, or a date such as 2026-11-24T12:00:00Z'],
  ])('%s %s', async (column, value, wayOut) => {
    expect(await problem('bad.csv', withValue(column, value))).toBe(
      `bad.csv: line 3 has ${column} ${JSON.stringify(value)}; ${wayOut}.`,
    );
  });

  test.each([
    ['an empty file', 'e.csv', ' \n', 'e.csv: has no rows; is it the right file?'],
    ['a header alone', 'h.csv', `${HEADER}\n`, 'h.csv: has no rows; is it the right file?'],
    ['an empty array', 'e.json', '[]', 'e.json: has no rows; is it the right file?'],
    ['a row that is no object', 'n.json', '[1]', 'n.json: item 1 is 1, no row; use an array of rows'],
    ['broken JSON', 'b.json', '[{', 'b.json: is no JSON: '],
    ['a broken line', 'b.jsonl', '{"request_id": "a", "cost_usd": 1}\n{"request_id"\n', 'b.jsonl: line 2 is no JSON: '],
    [
      'an unknown format',
      'u.csv',
      'Colour,Size\nblue,3\n',
      'u.csv: is in no format that is known: it has none of the columns request_id, id',
    ],
    [
      'no money and no tokens',
      'm.csv',
      'request_id,model\na,m\n',
      'm.csv: is in no format that is known: it has none of the columns cost_usd',
    ],
    [
      'half of the tokens',
      't.csv',
      'id,input_tokens,cost\na,1,1\n',
      't.csv: is in no format that is known: it has none of the columns output_tokens',
    ],
    ['a row of nothing', 'r.csv', 'id,cost\na,1\nb,\n', 'r.csv: line 3 has neither tokens nor dollars; '],
    ['rows of different length', 'l.csv', 'id,cost\na,1,2\n', 'l.csv: is no CSV: Invalid Record Length'],
    [
      'something else among buckets',
      'k.json',
      '[{"results":[],"start_time":1,"end_time":2},{"id":"a"}]',
      'k.json: item 2 has no results',
    ],
    [
      'a bucket without time',
      'k.json',
      '[{"results":[],"start_time":"x","end_time":2}]',
      'k.json: item 1 has start_time "x"; use seconds since 1970.',
    ],
  ])('%s', async (_name, name, text, message) => {
    expect(await problem(name, text)).toContain(message);
  });

  test('a file that is not there, and a format that it is not in', async () => {
    await expect(readUsageExport(join(folder, 'nowhere.csv'))).rejects.toThrow(/nowhere\.csv: cannot be read/);
    expect(await problem('c.csv', `${HEADER}\n${LINE}\n`, 'json')).toContain('is no JSON');
  });
});
