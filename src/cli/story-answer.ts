/** cli/story-answer — tells a bundled example: what it is, its network, its pods, what to try. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError } from '../model/input-error.ts';
import { nearestWords } from '../model/nearest.ts';
import { parseTargets, printTargets } from './get-answer.ts';
import { networkTree } from './render/network.ts';
import { openTwin } from './session.ts';
import { viewOf } from './view.ts';

/** The package's root, from src/cli or dist/cli. */
const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

const storyNames = (): string[] =>
  readdirSync(join(ROOT, 'examples'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);

/** The title and the first paragraph of a story's README. */
function opening(folder: string): { readonly title: string; readonly text: string } {
  const readme = join(folder, 'README.md');
  const paragraphs = existsSync(readme) ? readFileSync(readme, 'utf8').split(/\n\s*\n/) : [];
  const title = (paragraphs[0] ?? '').replace(/^#\s*/, '').trim();
  return { title, text: (paragraphs[1] ?? '').trim() };
}

/** The `-f` and `--with` of a story's first command: an example may hold a cluster twice. */
function inputsOf(folder: string): { readonly files: string[]; readonly components: string[] } {
  const listed = join(folder, 'commands.json');
  if (!existsSync(listed)) return { files: [folder], components: [] };
  const [first] = JSON.parse(readFileSync(listed, 'utf8')) as { readonly command: string }[];
  const named = (flag: string): string[] =>
    [...(first?.command ?? '').matchAll(new RegExp(` ${flag} (\\S+)`, 'g'))].map(([, it]) => it!);
  const files = named('-f').map((path) => join(folder, path));
  return { files: files.length === 0 ? [folder] : files, components: named('--with') };
}

/** Where a story lies. @throws InputError when there is no such story */
function folderOf(name: string): string {
  const folder = join(ROOT, 'examples', name);
  if (existsSync(folder)) return folder;
  const near = nearestWords(name, storyNames());
  throw new InputError(
    `story ${name}`,
    `no bundled example is called "${name}"`,
    `${near.length > 0 ? `did you mean ${near.join(' or ')}? ` : ''}"ekstwin story list" names them`,
  );
}

/** Brings a story's twin up, in memory, for the terminal that looks; elsewhere tells the story. */
export async function liveStory(name: string): Promise<void> {
  if (process.stdout.isTTY !== true || name === 'list') return tellStory(name);
  const folder = folderOf(name);
  const { title, text } = opening(folder);
  const { files, components } = inputsOf(folder);
  console.log(`${title}\n\n${text}\n`);
  const { up } = await import('./up-answer.ts');
  const built = { file: files, with: components, seed: '1', addresses: 'random' } as const;
  await up({ ...built, data: 'memory', speed: '1x', quiet: true });
}

export async function tellStory(name: string): Promise<void> {
  if (name === 'list') {
    for (const story of storyNames()) {
      console.log(`${story.padEnd(26)} ${opening(join(ROOT, 'examples', story)).title}`);
    }
    return;
  }
  const folder = folderOf(name);
  const { title, text } = opening(folder);
  const { files, components } = inputsOf(folder);
  const shown = [
    files.map((path) => relative(process.cwd(), path) || '.').join(' -f '),
    ...components.map((name) => `--with ${name}`),
  ].join(' ');
  console.log(`${title}\n\n${text}\n`);
  const twin = await openTwin({
    file: files,
    with: components,
    seed: '1',
    addresses: 'random',
    quiet: true,
  });
  console.log('The network these files make:\n');
  console.log(networkTree(viewOf(twin)).join('\n'));
  console.log(`\n$ npx ekstwin get pods -A -o wide -f ${shown}`);
  await printTargets(twin, parseTargets('pods', []), {
    namespace: 'default',
    allNamespaces: true,
    output: 'wide',
    headers: true,
    seed: '1',
    addresses: 'random',
  });
  console.log(`\n$ npx ekstwin get subnets -f ${shown}`);
  await printTargets(twin, parseTargets('subnets', []), {
    namespace: 'default',
    headers: true,
    seed: '1',
    addresses: 'random',
  });
  console.log(`
Try next:
  npx ekstwin capacity -f ${shown}
  npx ekstwin timeline -f ${shown}${components.length === 0 ? '' : `\n  npx ekstwin lb -f ${shown}`}
  npx ekstwin get enis -o wide -f ${shown}
  npx ekstwin story the-slash-24
  npx ekstwin get pods -A -o wide -f YOUR-CLUSTER.yaml -f YOUR-APP.yaml`);
}
