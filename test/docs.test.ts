import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { runCommandLine } from '../client/command-line';

const root = join(__dirname, '..');
const documents = ['README.md', ...filesBelow('docs').filter((path) => path.endsWith('.md'))];

function filesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

interface Block {
  document: string;
  language: string;
  /** What follows the language on the fence. */
  info: string;
  code: string;
}

const blocks: Block[] = documents.flatMap((document) =>
  [...readFileSync(join(root, document), 'utf8').matchAll(/^```(\S*) ?(.*)\n([\s\S]*?)^```$/gm)].map(
    ([, language = '', info = '', code = '']) => ({ document, language, info, code }),
  ),
);

describe('the documentation', () => {
  test('every TypeScript block is a file that the type checker has read, word for word', () => {
    for (const { document, info, code } of blocks.filter(({ language }) => language === 'ts')) {
      const file = /^file=(docs\/snippets\/\S+\.ts)$/.exec(info)?.[1];
      expect({ document, info, file: typeof file }).toEqual({ document, info, file: 'string' });
      expect(`// ${document}\n${code}`).toBe(`// ${document}\n${readFileSync(join(root, file!), 'utf8')}`);
    }
  });

  test('every snippet is shown somewhere or is needed by one that is', () => {
    const shown = blocks.map(({ info }) => info.replace('file=', ''));
    const imported = filesBelow('docs/snippets').flatMap((path) =>
      [...readFileSync(join(root, path), 'utf8').matchAll(/'(\.\/[\w-]+)'/g)].map(([, name]) =>
        join('docs/snippets', `${name!}.ts`),
      ),
    );
    for (const path of filesBelow('docs/snippets')) expect([...shown, ...imported]).toContain(path);
  });

  test('every link to a file of this repository leads somewhere', () => {
    for (const document of documents) {
      const text = readFileSync(join(root, document), 'utf8');
      for (const [, target = ''] of text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
        if (/^[a-z]+:/.test(target)) continue;
        const path = join(root, dirname(document), target);
        expect(`${document} -> ${target}: ${existsSync(path)}`).toBe(`${document} -> ${target}: true`);
      }
    }
  });

  test('every runahead command that is shown exists, with all of its options', async () => {
    const commands = blocks
      .filter(({ language }) => language === 'sh')
      .flatMap(({ document, code }) =>
        code
          .replaceAll('\\\n', ' ')
          .split('\n')
          .filter((line) => /^(npx )?runahead /.test(line))
          .map((line) => ({ document, line })),
      );
    expect(commands.length).toBeGreaterThan(5);
    for (const { document, line } of commands) {
      const words = line
        .replace(/#.*/, '')
        .replace(/^(npx )?runahead /, '')
        .split(/\s+/);
      // Some commands do something of their own as well.
      const isSubcommand = /^(get|set|register|export|promote|demote|reset|replay)$/.test(words[1] ?? '');
      const command = words.slice(0, isSubcommand ? 2 : 1);
      let help = '';
      const exitCode = await runCommandLine([...command, '--help'], {
        write: (text) => (help += text),
        writeError: () => undefined,
      });
      expect(`${document}: ${line} -> ${exitCode}`).toBe(`${document}: ${line} -> 0`);
      for (const option of words.filter((word) => word.startsWith('--'))) {
        expect(`${line}\n${help}`).toMatch(new RegExp(`\\n.*${option}\\b`));
      }
    }
  });
});
