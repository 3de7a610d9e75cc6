import { proxyActivities } from '@temporalio/workflow';

export type Step = { tool: 'fetchBooking'; id: string } | { tool: 'stop'; id: null };

interface Desk {
  fetchUser(userId: string): Promise<{ name: string; bookings: string[] }>;
  decide(userId: string, round: number): Promise<Step>;
  fetchBooking(id: string): Promise<{ id: string; price: number }>;
}

const { fetchUser, decide, fetchBooking } = proxyActivities<Desk>({ startToCloseTimeout: '20s' });

/** An agent that looks at the bookings of a user, one after the other. */
export async function bookings(userId: string): Promise<string[]> {
  const { name } = await fetchUser(userId);
  const seen = [name];
  for (let round = 0; ; round += 1) {
    const step = await decide(userId, round);
    if (step.tool === 'stop') return seen;
    const { id, price } = await fetchBooking(step.id);
    seen.push(`${id} ${price}`);
  }
}
