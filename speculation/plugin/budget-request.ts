import type { Info } from '@temporalio/activity';
import { plainDecimal } from '../decision/decimal-text';
import { priceUsage } from '../ledger/price-usage';
import type { ActivityHeader } from '../runtime/protocol';
import type { OperationPolicy } from './operation-policy';
import type { PriceTable } from './price-table';
import type { SpendingRequest } from './shared-budgets';

/** Until its settlement must have arrived, counted from the end of its start-to-close time. */
const GRACE_MS = 5_000;

/** What to reserve for a launch or a draft; null for a call that the pipeline makes anyway. */
export function spendingRequest(
  info: Info,
  header: ActivityHeader | null,
  operation: OperationPolicy | null,
  prices: PriceTable,
): SpendingRequest | null {
  if (header === null || (!header.launch && header.forecastFor === null)) return null;
  const { pipeline, tenant, reserveUsd } = header;
  return {
    id: reservationId(info),
    activityType: info.activityType,
    pipeline,
    ...(tenant !== undefined && { tenant }),
    amountUsd: reserveUsd === undefined ? declaredCostUsd(operation, prices) : plainDecimal(reserveUsd),
    leaseMs: info.startToCloseTimeoutMs + GRACE_MS,
  };
}

/** The first attempt has the id under which its bill is known as well; a launch has no other. */
function reservationId({ workflowExecution, activityId, attempt }: Info): string {
  const id = `${workflowExecution?.runId ?? ''}/${activityId}`;
  return attempt === 1 ? id : `${id}/${attempt}`;
}

/** For pipelines of a worker that does not say what to reserve. */
function declaredCostUsd(operation: OperationPolicy | null, prices: PriceTable): string | null {
  if (operation === null) return null;
  const { cost } = operation;
  return cost.kind === 'fixed' ? cost.costUsd : priceUsage(cost.expected, prices.ratesFor(cost.model));
}
