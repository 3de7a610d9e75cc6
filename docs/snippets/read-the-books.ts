import { Client, Connection } from '@temporalio/client';
import { RunaheadClient } from 'runahead/client';

async function main(): Promise<void> {
  const connection = await Connection.connect();
  const runahead = new RunaheadClient(new Client({ connection }));

  const { totals } = await runahead.ledger('support-1');
  console.log(`cost ${totals.costUsd}, waste ${totals.wasteUsd}, saved ${totals.savedMs} ms`);
  for (const { decision, reason } of await runahead.decisions('support-1')) console.log(decision, reason);

  await runahead.setKnob('support-2', { alpha: 0.8 });
  await runahead.setKnobWhere('WorkflowType = "support"', { enabled: false });
  await connection.close();
}

void main();
