import type { ActivityInput } from '@temporalio/workflow';
import type { Headers } from '@temporalio/common';
import { workflowInfo } from '@temporalio/workflow';
import { withHeader } from './header';
import type { Pipeline } from './pipeline';
import { type ActivityHeader, type CallName, LAUNCH_PREFIX } from './protocol';
import { occurrenceOf } from './run';

/**
 * Headers of a call that the pipeline makes itself.
 *
 * @param identity null for a call of a message handler, which has no name
 */
export function plainCallHeaders(
  pipeline: Pipeline,
  { activityType, headers }: ActivityInput,
  identity: string | null,
): Headers {
  const more = particulars(pipeline, activityType, identity);
  // Most calls say the same, and it is encoded once.
  if (more === null) return { ...headers, ...pipeline.plainCallHeaders };
  return withHeader(headers, { version: 1, pipeline: pipeline.type, launch: false, forecastFor: null, ...more });
}

/** A launch or a draft passes through the interceptors like any other call; the worker learns from its header what it is. */
export function earlyCallHeaders(pipeline: Pipeline, { activityType, options, headers }: ActivityInput): Headers {
  const { activityId } = options;
  const reserved = activityId === undefined ? undefined : pipeline.books.ledger.entry(activityId)?.reservedUsd;
  const drafted = [...pipeline.drafts].find(([, draft]) => draft.activityId === activityId)?.[0];
  const launch = activityId === undefined ? undefined : pipeline.launchOf(activityId);
  return withHeader(headers, {
    version: 1,
    pipeline: pipeline.type,
    launch: activityId?.startsWith(LAUNCH_PREFIX) ?? false,
    forecastFor: drafted?.activityType ?? null,
    ...(pipeline.tenant === undefined ? {} : { tenant: pipeline.tenant }),
    ...(reserved === undefined ? {} : { reserveUsd: reserved }),
    ...(launch === undefined ? {} : particulars(pipeline, activityType, launch.identity)),
  });
}

/** What is said of a call beyond what is said of all; null for nothing. */
function particulars(
  pipeline: Pipeline,
  activityType: string,
  identity: string | null,
): Pick<ActivityHeader, 'streams' | 'call'> | null {
  const { settings } = pipeline;
  const named = identity !== null && settings?.named?.includes(activityType) === true;
  const streams = identity !== null && pipeline.followsStreamOf(activityType);
  if (!named && !streams) return null;
  return { ...(named ? { call: nameOf(identity) } : {}), ...(streams ? { streams: true } : {}) };
}

function nameOf(identity: string): CallName {
  const { firstExecutionRunId, continuedFromExecutionRunId } = workflowInfo();
  return { chain: `${firstExecutionRunId}/${continuedFromExecutionRunId ?? ''}`, occurrence: occurrenceOf(identity) };
}
