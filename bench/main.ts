import { runMainJob } from './main-job';
import { readBenchOptions } from './options';
import { progressOn } from './progress';

async function main(): Promise<void> {
  const options = readBenchOptions(process.argv.slice(2));
  const interrupted = new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
  const print = (text: string): void => console.log(text);
  const { problems } = await runMainJob(options, progressOn(process.stderr), print, interrupted);
  process.exitCode = problems.length === 0 ? 0 : 1;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
