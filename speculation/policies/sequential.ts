import type { LaunchPolicy } from './launch-policy';

/** Never launches early: the plain run, with books and decisions kept. */
export const sequential: LaunchPolicy = { name: 'sequential', wants: () => false, drafts: 'never' };
