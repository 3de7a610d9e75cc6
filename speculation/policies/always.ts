import type { LaunchPolicy } from './launch-policy';

/** Launches whatever is admissible, at any price: the other end of every comparison. */
export const always: LaunchPolicy = { name: 'always', wants: () => true, drafts: 'always' };
