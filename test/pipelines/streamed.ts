import { proxyActivities } from '@temporalio/workflow';

export interface Analysis {
  route: string;
  items: { name: string; size: number }[];
  reason: string;
}

interface Steps {
  analyse(text: string): Promise<Analysis>;
  price(name: string): Promise<number>;
  pack(name: string, price: number): Promise<string>;
  note(...args: unknown[]): Promise<string>;
}

const { analyse, price, pack, note } = proxyActivities<Steps>({
  startToCloseTimeout: '20s',
  heartbeatTimeout: '15s',
  retry: { initialInterval: '10ms', maximumAttempts: 3 },
});

/** Needs the route first, which is final long before the reason. */
export async function routed(text: string): Promise<string> {
  const analysis = await analyse(text);
  const noted = await note(analysis.route);
  return `${noted}: ${analysis.reason}`;
}

/** Two calls for each element of a list. */
export async function listed(text: string): Promise<string[]> {
  const analysis = await analyse(text);
  return Promise.all(analysis.items.map(async ({ name }) => pack(name, await price(name))));
}

/** One element after the other, until one is too large. */
export async function listedInTurn(text: string): Promise<string[]> {
  const { items } = await analyse(text);
  const packed: string[] = [];
  for (const item of items) {
    if (item.size > 10) break;
    packed.push(await pack(item.name, await price(item.name)));
  }
  return packed;
}

/** Elements that pass a filter, each by its own helper, awaited later. */
export async function filtered(text: string): Promise<string[]> {
  const { items } = await analyse(text);
  const packing = items.filter(({ size }) => size <= 10).map((item) => priceAndPack(item.name));
  const noted = await note('before the list');
  return [noted, ...(await Promise.all(packing))];
}

async function priceAndPack(name: string): Promise<string> {
  return pack(name, await price(name));
}

/** Takes whatever goes wrong for a reason to do something else: a fiber that reads too much must not. */
export async function sturdyReader(text: string, how: string): Promise<string> {
  const analysis = await analyse(text);
  try {
    return await note(await read(analysis, how));
  } catch (error) {
    return await note('went wrong', String(error));
  } finally {
    await note('finally');
  }
}

async function read(analysis: Analysis, how: string): Promise<unknown> {
  switch (how) {
    case 'field':
      return analysis.reason;
    case 'keys':
      return Object.keys(analysis);
    case 'spread':
      return { ...analysis };
    case 'json':
      return JSON.stringify(analysis);
    case 'whole':
      return analysis;
    case 'length':
      return analysis.items.length;
    case 'in':
      return 'reason' in analysis;
    case 'last':
      return analysis.items.at(-1);
    case 'floating': {
      const later = readLater(analysis);
      await price('first');
      return await later;
    }
    default:
      throw new Error(`unknown way to read: ${how}`);
  }
}

async function readLater({ reason }: Analysis): Promise<string> {
  return reason;
}

/** Two analyses side by side; both are needed for what follows. */
export async function twoAnalyses(first: string, second: string): Promise<string> {
  const [left, right] = await Promise.all([analyse(first), analyse(second)]);
  return note(left.route, right.route);
}
