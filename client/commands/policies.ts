import type { Command } from 'commander';
import { POLICY_FAMILIES } from '../../speculation/policies/by-name';
import type { PolicyFamily, PolicyParameter } from '../../speculation/policies/launch-policy';
import { policiesTable } from '../tables/policies-table';
import type { Terminal } from '../terminal';

/** A family of policies as JSON; a parameter without a bound has null for it. */
interface ListedPolicy {
  name: string;
  summary: string;
  source: string;
  parameters: Record<string, PolicyParameter>;
}

/** `runahead policies`: what can be named as launch policy. Needs no server. */
export function addPoliciesCommand(program: Command, terminal: Terminal): void {
  program
    .command('policies')
    .description('list the launch policies with their parameters; needs no server')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nName one in the policy file (launchPolicy) or with `runahead knob set --policy`, such as speculative-actions:k=2,confidence=0.5.',
    )
    .action(({ json }: { json?: boolean }) =>
      terminal.result(POLICY_FAMILIES.map(listed), json === true, policiesTable),
    );
}

function listed({ name, summary, source, parameters }: PolicyFamily): ListedPolicy {
  return { name, summary, source, parameters };
}
