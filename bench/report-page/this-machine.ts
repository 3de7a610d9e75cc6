import { createRequire } from 'node:module';
import { cpus, release, totalmem, type } from 'node:os';

/** What figures depend on besides the code. */
export function thisMachine(): { machine: string; versions: Record<string, string> } {
  const cores = cpus();
  const gibibytes = totalmem() / 2 ** 30;
  const load = createRequire(__filename);
  const versionOf = (name: string): string => (load(`${name}/package.json`) as { version: string }).version;
  return {
    machine: `${cores.length} cores (${cores[0]?.model ?? 'unknown'}), ${gibibytes.toFixed(0)} GiB, ${type()} ${release()}`,
    versions: {
      Runahead: versionOf('runahead'),
      Node: process.versions.node,
      'Temporal SDK': versionOf('@temporalio/worker'),
    },
  };
}
