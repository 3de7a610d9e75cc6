import type { ShapeInput } from '../shape';
import { atATime } from './at-a-time';
import { operations } from './operations';

export interface Plan {
  queries: string[];
}

type Search = (input: { case: string; query: string }) => Promise<string>;

const { map16Plan, map16Search, map8Plan, map8Search, map32Plan, map32Search } = operations<{
  map16Plan: (input: ShapeInput) => Promise<Plan>;
  map16Search: Search;
  map8Plan: (input: ShapeInput) => Promise<Plan>;
  map8Search: Search;
  map32Plan: (input: ShapeInput) => Promise<Plan>;
  map32Search: Search;
}>();

export async function map16(input: ShapeInput): Promise<string[]> {
  const { queries } = await map16Plan(input);
  const inTurn = atATime(4);
  return Promise.all(queries.map((query) => inTurn(() => map16Search({ ...input, query }))));
}

export async function map8(input: ShapeInput): Promise<string[]> {
  const { queries } = await map8Plan(input);
  const inTurn = atATime(2);
  return Promise.all(queries.map((query) => inTurn(() => map8Search({ ...input, query }))));
}

export async function map32(input: ShapeInput): Promise<string[]> {
  const { queries } = await map32Plan(input);
  const inTurn = atATime(8);
  return Promise.all(queries.map((query) => inTurn(() => map32Search({ ...input, query }))));
}
