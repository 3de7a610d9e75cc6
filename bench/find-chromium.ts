import { access } from 'node:fs/promises';

const USUAL_PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The Chromium of CHROMIUM_PATH or of a usual place; null if there is none. */
export async function findChromium(environment: NodeJS.ProcessEnv = process.env): Promise<string | null> {
  for (const path of [environment['CHROMIUM_PATH'], ...USUAL_PLACES]) {
    if (path === undefined || path === '') continue;
    const there = await access(path).then(
      () => true,
      () => false,
    );
    if (there) return path;
  }
  return null;
}

/** @throws if there is none */
export async function requireChromium(): Promise<string> {
  const path = await findChromium();
  if (path === null) throw new Error('No Chromium found: install it (apt-get install chromium) or set CHROMIUM_PATH');
  return path;
}
