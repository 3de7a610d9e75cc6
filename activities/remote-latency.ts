import { Context } from '@temporalio/activity';

/**
 * The sample systems behind the look-ups live in memory; this wait stands for the network and the database that a real one
 * has. The same subject always takes the same time, within a quarter of the nominal one.
 *
 * @param nominalMs nominal duration in milliseconds
 * @param subject what is looked up
 */
export async function remoteLatency(nominalMs: number, subject: string): Promise<void> {
  let hash = 0;
  for (const character of subject) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 1009;
  await Context.current().sleep(nominalMs * (0.75 + (0.5 * hash) / 1009));
}
