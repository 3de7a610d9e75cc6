import { workflowInfo } from '@temporalio/workflow';
import type { TenantSource } from './protocol';

/** Whose pipeline this is, from what it was started with; undefined where that says nothing. */
export function tenantOf(source: TenantSource = { kind: 'fairnessKey' }): string | undefined {
  const { priority, memo } = workflowInfo();
  const tenant = source.kind === 'fairnessKey' ? priority?.fairnessKey : memo?.[source.field];
  return typeof tenant === 'string' && tenant !== '' ? tenant : undefined;
}
