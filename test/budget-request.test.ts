import type { Info } from '@temporalio/activity';
import { spendingRequest } from '../speculation/plugin/budget-request';
import { PriceTable } from '../speculation/plugin/price-table';
import type { ActivityHeader } from '../speculation/runtime/protocol';

const INFO = {
  workflowExecution: { workflowId: 'reply-1', runId: 'run-1' },
  activityId: 'spec-1',
  activityType: 'draft',
  attempt: 1,
  startToCloseTimeoutMs: 10_000,
} as Info;
const PLAIN: ActivityHeader = { version: 1, pipeline: 'autoReply', launch: false, forecastFor: null };
const ask = (header: ActivityHeader | null) => spendingRequest(INFO, header, null, new PriceTable());

test('a call that the pipeline makes anyway reserves nothing', () => {
  expect(ask(null)).toBeNull();
  expect(ask(PLAIN)).toBeNull();
  expect(ask({ ...PLAIN, tenant: 'acme' })).toBeNull();
});

test.each<[string, Partial<ActivityHeader>]>([
  ['a launch', { launch: true }],
  ['a draft', { forecastFor: 'classify' }],
  ['a comparison of outputs, which is neither,', {}],
])('%s reserves the most that it can cost, for its pipeline type and tenant', (_name, header) => {
  expect(ask({ ...PLAIN, ...header, tenant: 'acme', reserveUsd: '3.2e-4' })).toEqual({
    id: 'run-1/spec-1',
    activityType: 'draft',
    pipeline: 'autoReply',
    tenant: 'acme',
    amountUsd: '0.00032',
    leaseMs: 15_000,
  });
});
