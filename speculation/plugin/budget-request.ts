import type { Info } from '@temporalio/activity';
import { plainDecimal } from '../decision/decimal-text';
import { Usd } from '../ledger/usd';
import type { ActivityHeader } from '../runtime/protocol';
import { mostUsd } from './expected-cost';
import type { OperationPolicy } from './operation-policy';
import type { PriceTable } from './price-table';
import type { SpendingRequest } from './shared-budgets';

/** Until its settlement must have arrived, counted from the end of its start-to-close time. */
const GRACE_MS = 5_000;

/** What to reserve for a launch, a draft or a comparison of outputs; null for a call that the pipeline makes anyway. */
export function spendingRequest(
  info: Info,
  header: ActivityHeader | null,
  operation: OperationPolicy | null,
  prices: PriceTable,
): SpendingRequest | null {
  if (header === null) return null;
  const { pipeline, tenant, reserveUsd, launch, forecastFor } = header;
  if (!launch && forecastFor === null && reserveUsd === undefined) return null;
  return {
    id: reservationId(info),
    activityType: info.activityType,
    pipeline,
    ...(tenant !== undefined && { tenant }),
    amountUsd: amountUsd(reserveUsd ?? declaredMostUsd(operation, prices)),
    leaseMs: info.startToCloseTimeoutMs + GRACE_MS,
  };
}

/** The first attempt has the id under which its bill is known as well; a launch has no other. */
function reservationId({ workflowExecution, activityId, attempt }: Info): string {
  const id = `${workflowExecution?.runId ?? ''}/${activityId}`;
  return attempt === 1 ? id : `${id}/${attempt}`;
}

/** For pipelines of a worker that does not say what to reserve. */
function declaredMostUsd(operation: OperationPolicy | null, prices: PriceTable): string | null {
  return operation === null ? null : String(mostUsd(operation, undefined, prices));
}

/** Without the last digits of a float, which are nobody's money but would keep the tenth of ten launches from fitting. */
function amountUsd(usd: string | null): string | null {
  const plain = usd === null ? null : plainDecimal(usd);
  return plain === null ? null : new Usd(plain).toSignificantDigits(15).toFixed();
}
