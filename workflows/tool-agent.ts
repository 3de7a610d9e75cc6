import { proxyActivities } from '@temporalio/workflow';
import type * as agent from '../activities/agent-step';
import type { Turn } from '../activities/agent-step';
import type * as tools from '../activities/tool-agent';

const { agentStep } = proxyActivities<typeof agent>({
  startToCloseTimeout: '2 minutes',
  heartbeatTimeout: '20 seconds',
  retry: { maximumAttempts: 4 },
});
const reads = proxyActivities<typeof tools.readTools>({
  startToCloseTimeout: '30 seconds',
  retry: { maximumAttempts: 4 },
});
const writes = proxyActivities<typeof tools.writeTools>({ startToCloseTimeout: '30 seconds' });
const { replyToUser } = proxyActivities<typeof tools>({ startToCloseTimeout: '10 minutes' });

const READS = [
  'getUserDetails',
  'getReservationDetails',
  'getFlightStatus',
  'searchDirectFlight',
  'searchOnestopFlight',
  'listAllAirports',
  'calculate',
  'think',
] as const satisfies (keyof typeof tools.readTools)[];
const WRITES = [
  'bookReservation',
  'cancelReservation',
  'updateReservationFlights',
  'updateReservationBaggages',
  'updateReservationPassengers',
  'sendCertificate',
  'transferToHumanAgents',
] as const satisfies (keyof typeof tools.writeTools)[];

export interface TravelRequest {
  scenarioId: string;
  /** The traveller's first message. */
  goal: string;
  /** Most steps that the agent may take. */
  maxSteps: number;
}

export interface TravelOutcome {
  /** False when `maxSteps` ended the conversation. */
  finished: boolean;
  /** The agent's last words, null if it never spoke. */
  reply: string | null;
  /** Tools called, in order. */
  calls: string[];
}

/** An airline desk agent: the model chooses one tool call after another, until the traveller has no further wish. */
export async function toolAgent({ scenarioId, goal, maxSteps }: TravelRequest): Promise<TravelOutcome> {
  const transcript: Turn[] = [{ role: 'user', text: goal }];
  const outcome: TravelOutcome = { finished: false, reply: null, calls: [] };
  for (let round = 0; round < maxSteps; round += 1) {
    const step = await agentStep({ scenarioId, transcript });
    if (step.kind === 'call') {
      const { tool, args } = step;
      outcome.calls.push(tool);
      const result = await callTool(tool, { scenarioId, args, round });
      transcript.push({ role: 'tool', tool, args, result });
      continue;
    }
    outcome.reply = step.text;
    transcript.push({ role: 'assistant', text: step.text });
    const { next } = await replyToUser({ scenarioId, round, text: step.text });
    if (next === null) return { ...outcome, finished: true };
    transcript.push({ role: 'user', text: next });
  }
  return outcome;
}

function callTool(tool: string, call: tools.WriteCall): Promise<string> {
  const { scenarioId, args } = call;
  const read = READS.find((name) => name === tool);
  if (read !== undefined) return reads[read]({ scenarioId, args });
  const write = WRITES.find((name) => name === tool);
  if (write !== undefined) return writes[write](call);
  return Promise.resolve(`Error: there is no tool "${tool}"`);
}
