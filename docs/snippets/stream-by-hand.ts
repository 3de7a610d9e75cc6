import { outputStream } from 'runahead';

export async function readPages(urls: string[]): Promise<{ pages: string[] }> {
  const output = outputStream();
  output.add([
    { at: [], opens: 'object' },
    { at: ['pages'], opens: 'array' },
  ]);
  const pages: string[] = [];
  for (const [index, url] of urls.entries()) {
    const page = await (await fetch(url)).text();
    pages.push(page);
    output.add([{ at: ['pages', index], is: page }]);
  }
  return { pages };
}
