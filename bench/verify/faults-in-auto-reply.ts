import { shippedExperiment } from '../../client/faults/shipped-experiments';
import { runFaultExperiment } from '../../client/faults/run-fault-experiment';
import type { FaultReport } from '../../client/faults/fault-report';
import type { MeteredServer } from '../measure/metered-server';
import type { PolicyComparison } from '../measure/policy-comparison';

/** Faults in the operations of `autoReply`, as `runahead faults autoReply` puts them there, with the local model behind the meter. */
export async function faultsInAutoReply(
  server: MeteredServer,
  { inputs, seed, say }: { inputs: number; seed: number; say: (line: string) => void },
): Promise<FaultReport> {
  const before = process.env['OPENAI_BASE_URL'];
  process.env['OPENAI_BASE_URL'] = server.meter.baseUrl;
  try {
    const { client, nativeConnection, namespace } = server;
    return await runFaultExperiment(shippedExperiment('autoReply', seed, inputs), {
      ...{ client, nativeConnection, namespace, seed, say },
      atATime: 8,
    });
  } finally {
    if (before === undefined) delete process.env['OPENAI_BASE_URL'];
    else process.env['OPENAI_BASE_URL'] = before;
  }
}

export function faultsTableOf(report: FaultReport): NonNullable<PolicyComparison['tables']>[number] {
  const { inputs, faultedRuns, ranking } = report;
  return {
    title: `Faults in autoReply (${inputs} messages, ${faultedRuns} runs with a fault): mean loss of the result's agreement with that of the clean run`,
    columns: ['operation', 'loss', '95 %', 'faults'],
    rows: ranking.map(({ operation, loss, faults }) => [
      operation,
      loss.value.toFixed(3),
      `${loss.low.toFixed(3)} to ${loss.high.toFixed(3)}`,
      String(faults),
    ]),
  };
}
