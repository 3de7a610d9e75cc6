import type { StreamingShape } from './shape';
import { branch } from './shapes/branch';
import { contradicted } from './shapes/contradicted';
import { earlyBreak } from './shapes/early-break';
import { lateField } from './shapes/late-field';
import { map16, map32, map8 } from './shapes/map';
import { mutatingLoop } from './shapes/mutating-loop';
import { nestedLists } from './shapes/nested-lists';
import { responses } from './shapes/responses';
import { serialChain } from './shapes/serial-chain';
import { toolCalls } from './shapes/tool-calls';
import { twoRouters } from './shapes/two-routers';

/** In reading order: lists, chains and loops, branches, other ways to stream, and where there is nothing to gain. */
export const STREAMING_SHAPES: readonly StreamingShape[] = [
  map16,
  map8,
  map32,
  nestedLists,
  serialChain,
  mutatingLoop,
  earlyBreak,
  branch,
  twoRouters,
  toolCalls,
  responses,
  contradicted,
  lateField,
];
