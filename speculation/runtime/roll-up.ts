import { upsertSearchAttributes } from '@temporalio/workflow';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { toMicroUsd } from '../ledger/micro-dollars';
import type { Pipeline } from './pipeline';
import { SEARCH_ATTRIBUTE } from './protocol';

const cost = defineSearchAttributeKey(SEARCH_ATTRIBUTE.cost, SearchAttributeType.INT);
const waste = defineSearchAttributeKey(SEARCH_ATTRIBUTE.waste, SearchAttributeType.INT);
const saved = defineSearchAttributeKey(SEARCH_ATTRIBUTE.saved, SearchAttributeType.INT);
const policy = defineSearchAttributeKey(SEARCH_ATTRIBUTE.policy, SearchAttributeType.KEYWORD);
const entries = defineSearchAttributeKey(SEARCH_ATTRIBUTE.entries, SearchAttributeType.KEYWORD_LIST);

/**
 * Writes the totals where a list filter finds them. One event however many attributes it carries, and only when the outcome of a
 * launch changed since the last one; `final` writes once more at the end of every pipeline.
 */
export function rollUp(pipeline: Pipeline, final = false): void {
  if (pipeline.settings?.searchAttributes !== true) return;
  const totals = pipeline.books.ledger.totals();
  const outcomes = totals.claimed + totals.cancelled + totals.failed;
  if (!final && outcomes === pipeline.books.rolledUpOutcomes) return;
  pipeline.books.rolledUpOutcomes = outcomes;
  const labels = pipeline.books.ledger.recentLabels();
  upsertSearchAttributes([
    { key: cost, value: toMicroUsd(totals.costUsd) },
    { key: waste, value: toMicroUsd(totals.wasteUsd) },
    { key: saved, value: Math.round(totals.savedMs) },
    { key: policy, value: pipeline.policyName },
    ...(labels.length > 0 ? [{ key: entries, value: labels }] : []),
  ]);
}
