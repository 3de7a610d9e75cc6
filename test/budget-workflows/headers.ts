import { defaultPayloadConverter } from '@temporalio/common';
import type { WorkflowInterceptors } from '@temporalio/workflow';
import { HEADER, type ActivityHeader } from '../../speculation/runtime/protocol';

/** Marks an activity with the header that its first argument says, as the runtime would. */
export function interceptors(): WorkflowInterceptors {
  return {
    outbound: [
      {
        scheduleActivity: (input, next) => {
          const { header } = input.args[0] as { header: Partial<ActivityHeader> };
          const whole: ActivityHeader = { version: 1, pipeline: 'ahead', launch: false, forecastFor: null, ...header };
          return next({ ...input, headers: { ...input.headers, [HEADER]: defaultPayloadConverter.toPayload(whole) } });
        },
      },
    ],
  };
}
