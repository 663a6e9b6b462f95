/**
 * test/workshop/run — `npm run workshop -- COMMANDS_DIR MANIFESTS_DIR`: a workshop's pages, command
 * by command, with the real kubectl and aws against `ekstwin up`. One line a page; exit status 1 if
 * one failed.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuilt } from '../ekstwin-command.ts';
import { ChapterRun, type PageResult } from './page-run.ts';
import { readPages } from './pages.ts';
import { WorkshopTwin } from './workshop-twin.ts';

const USAGE = `usage: npm run workshop -- COMMANDS_DIR MANIFESTS_DIR [--cluster PATH] [--answers FILE] [--page TEXT]

  COMMANDS_DIR    the pages, a JSON file each
  MANIFESTS_DIR   holds base-application and modules; ~/environment/eks-workshop for the pages
  --cluster PATH  what the cluster is built from; default: "cluster" beside MANIFESTS_DIR
  --answers FILE  what the workshop's images answer; default: answers.yaml of this folder
  --page TEXT     only chapters with a page whose name holds this`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    cluster: { type: 'string' },
    answers: { type: 'string', default: join(import.meta.dirname, 'answers.yaml') },
    page: { type: 'string' },
  },
});
const [commands, manifests] = positionals;
if (commands === undefined || manifests === undefined) refuse(USAGE);
const cluster = values.cluster ?? join(manifests, '..', 'cluster');
for (const path of [commands, manifests, cluster, values.answers])
  if (!existsSync(path)) refuse(`workshop: ${path} is not there\n\n${USAGE}`);

function refuse(text: string): never {
  console.error(text);
  process.exit(2);
}

const indented = (text: string): string =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => `        ${line}`)
    .join('\n');

function print({ page, verdict, reason, failures, commands: count, skipped }: PageResult): void {
  const more = skipped.length === 0 ? '' : `, ${skipped.length} skipped`;
  const why = reason === undefined ? '' : `: ${reason}`;
  console.log(`${verdict.padEnd(8)} ${page} (${count} commands${more})${why}`);
  for (const it of skipped) console.log(`    skipped: ${it.replace(/\s+/g, ' ')}`);
  for (const { command, expected, found } of failures) {
    console.log(`    failed: ${command.replace(/\n/g, '\n            ')}`);
    console.log(`      expected\n${indented(expected)}`);
    console.log(`      found\n${indented(found === '' ? '(nothing)' : found)}`);
  }
}

ensureBuilt();
const all = readPages(commands);
const chapters = new Set(
  all.filter(({ name }) => name.includes(values.page ?? '')).map(({ chapter }) => chapter),
);
const pages = all.filter(({ chapter }) => chapters.has(chapter));
if (pages.length === 0) refuse(`workshop: no page in ${commands}`);
const twin = new WorkshopTwin({
  manifests: resolve(manifests),
  cluster: resolve(cluster),
  answers: resolve(values.answers),
});
const counts = { passed: 0, failed: 0, skipped: 0 };
let chapter: string | undefined;
let run = new ChapterRun(twin);
try {
  for (const page of pages) {
    // What one chapter changed is not the next one's business.
    if (page.chapter !== chapter) {
      run.dispose();
      await twin.stop();
      run = new ChapterRun(twin);
    }
    chapter = page.chapter;
    const result = await run.runPage(page);
    counts[result.verdict]++;
    print(result);
  }
} finally {
  run.dispose();
  await twin.dispose();
}
console.log(
  `workshop: ${pages.length} pages, ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`,
);
process.exitCode = counts.failed === 0 ? 0 : 1;
