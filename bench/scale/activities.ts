import { setTimeout as pause } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { LAUNCH_PREFIX } from '../../speculation/runtime/protocol';

/** What the pipelines of this bench are made of. */
export interface ScaleActivities {
  classify: (request: string) => Promise<string>;
  answer: (route: string, request: string) => Promise<string>;
}

/** What a worker has done so far. */
export interface ActivityCounts {
  /** Answers that were begun, launches included. */
  answers: number;
  /** Those of them that were launched before the pipeline asked. */
  launches: number;
  /** Answers with the right route that ended well: one for each pipeline. */
  answered: number;
}

export const CALL_MS = 200;
/** What is forecast of every request; three of four are of that kind. */
export const FORECAST_ROUTE = 'refund';
const OTHER_ROUTE = 'shipping';
const ONE_OTHER_IN = 4;

export const RIGHT_SHARE = (ONE_OTHER_IN - 1) / ONE_OTHER_IN;

/** The n-th request. */
export function requestNumber(n: number): string {
  return `request ${n}`;
}

export function routeOf(request: string): string {
  return Number(request.split(' ').at(-1)) % ONE_OTHER_IN === ONE_OTHER_IN - 1 ? OTHER_ROUTE : FORECAST_ROUTE;
}

export function answerTo(route: string): string {
  return `about ${route}`;
}

/** Both calls wait for somebody else, as for a model, and can be cancelled. */
export function scaleActivities(counts: ActivityCounts): ScaleActivities {
  return {
    classify: async (request) => {
      await pause(CALL_MS, undefined, { signal: Context.current().cancellationSignal });
      return routeOf(request);
    },
    answer: async (route, request) => {
      counts.answers += 1;
      if (Context.current().info.activityId.startsWith(LAUNCH_PREFIX)) counts.launches += 1;
      await pause(CALL_MS, undefined, { signal: Context.current().cancellationSignal });
      if (route === routeOf(request)) counts.answered += 1;
      return answerTo(route);
    },
  };
}
