/**
 * conformance/run — runs every vector set it finds and says, set by set, how many cases pass.
 *
 *   npm run conformance [-- DIR…]
 *
 * Without DIR: this folder, and ../shared/vectors where it exists. A set is one JSON file; an
 * adapter takes it by its schema and never knows a case. Exit status 1 on any failure that
 * known-differences.json does not list with a reason and a source.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Adapter, CaseResult } from './adapter.ts';

const here = dirname(fileURLToPath(import.meta.url));

/** Sets that wait are told by this many folders of their path: `lbc/tables`. */
const WAITING_DEPTH = 2;

interface KnownDifference {
  /** Path of the set inside its folder; the adapter's name where `failure` says which cases. */
  readonly set: string;
  /** The case's name; absent where every failure with this beginning is the same difference. */
  readonly case?: string | undefined;
  readonly failure?: string | undefined;
  readonly reason: string;
  readonly source: string;
}

/** Every adapter in adapters/, by file name order. */
export async function loadAdapters(): Promise<readonly Adapter[]> {
  const folder = join(here, 'adapters');
  const files = readdirSync(folder).filter((f) => f.endsWith('.ts') && !f.endsWith('.test.ts'));
  const adapters: Adapter[] = [];
  for (const file of files.sort()) {
    const module = (await import(pathToFileURL(join(folder, file)).href)) as { adapter?: Adapter };
    if (module.adapter !== undefined) adapters.push(module.adapter);
  }
  return adapters;
}

function jsonFiles(path: string): string[] {
  if (statSync(path).isFile()) return path.endsWith('.json') ? [path] : [];
  return readdirSync(path)
    .sort()
    .filter((name) => name !== 'node_modules' && name !== 'adapters')
    .flatMap((name) => jsonFiles(join(path, name)));
}

export interface SetOutcome {
  readonly set: string;
  readonly adapter: string | undefined;
  readonly passed: number;
  readonly total: number;
  readonly skipped: number;
  readonly failures: readonly { readonly name: string; readonly failure: string }[];
}

/** Runs one vector file with every adapter that takes it: a set may tell of several things. */
export async function runSet(
  set: string,
  json: unknown,
  adapters: readonly Adapter[],
  file: string,
): Promise<SetOutcome> {
  const taking = adapters.filter((candidate) => candidate.accepts(set, json));
  const name = taking.length === 0 ? undefined : taking.map((adapter) => adapter.name).join(', ');
  const nothing = { set, adapter: name, passed: 0, total: 0, skipped: 0, failures: [] };
  const results: CaseResult[] = [];
  for (const adapter of taking) results.push(...(await adapter.run(json, file)));
  const failures = results.flatMap(({ name, failure }) =>
    failure === undefined ? [] : [{ name, failure }],
  );
  const skipped = results.filter((result) => result.skipped !== undefined).length;
  const total = results.length - skipped;
  return { ...nothing, passed: total - failures.length, total, skipped, failures };
}

function readKnownDifferences(): readonly KnownDifference[] {
  const path = join(here, 'known-differences.json');
  return JSON.parse(readFileSync(path, 'utf8')) as KnownDifference[];
}

/** By the case's name in its set, or by what an adapter's cases fail with for one reason. */
const isListed = (
  it: KnownDifference,
  { set, adapter }: SetOutcome,
  { name, failure }: SetOutcome['failures'][number],
): boolean =>
  it.failure === undefined
    ? set.endsWith(it.set) && it.case === name
    : (adapter ?? '').split(', ').includes(it.set) && failure.startsWith(it.failure);

/** Prints the sets of one folder; returns how many failures nobody explained. */
async function runFolder(folder: string, adapters: readonly Adapter[]): Promise<number> {
  const known = readKnownDifferences();
  let unexplained = 0;
  /** Sets nobody takes, by folder: a folder of one-case files is one line. */
  const waiting = new Map<string, string[]>();
  for (const path of jsonFiles(folder)) {
    const set = relative(folder, path) || path;
    if (set === 'known-differences.json') continue;
    const outcome = await runSet(set, JSON.parse(readFileSync(path, 'utf8')), adapters, path);
    if (outcome.adapter === undefined) {
      if (adapters.some((adapter) => adapter.reads?.(set) === true)) continue;
      const parent = set.split('/').slice(0, WAITING_DEPTH).join('/');
      waiting.set(parent, [...(waiting.get(parent) ?? []), set]);
      continue;
    }
    const skipped = outcome.skipped === 0 ? '' : `  (${outcome.skipped} not for this adapter)`;
    console.log(`${set}  ${outcome.passed}/${outcome.total}${skipped}`);
    for (const { name, failure } of outcome.failures) {
      const listed = known.find((it) => isListed(it, outcome, { name, failure }));
      if (listed === undefined) {
        unexplained++;
        console.log(`  FAIL ${name}: ${failure}`);
      } else console.log(`  known difference ${name}: ${listed.reason} [${listed.source}]`);
    }
  }
  for (const [parent, sets] of waiting) {
    if (sets.length > 1) console.log(`${parent}/ (${sets.length} files)  no adapter yet`);
    else console.log(`${sets[0]}  no adapter yet`);
  }
  return unexplained;
}

async function main(): Promise<void> {
  const given = process.argv.slice(2);
  const shared = resolve(here, '../../shared/vectors');
  const folders = given.length > 0 ? given : [here, ...(existsSync(shared) ? [shared] : [])];
  for (const folder of folders) {
    if (existsSync(folder)) continue;
    console.error(`conformance: ${folder}: no such file or folder`);
    process.exit(2);
  }
  const adapters = await loadAdapters();
  let unexplained = 0;
  for (const folder of folders) {
    console.log(`# ${relative(process.cwd(), folder) || '.'}`);
    unexplained += await runFolder(resolve(folder), adapters);
  }
  console.log(unexplained === 0 ? 'conformance: ok' : `conformance: ${unexplained} failures`);
  process.exit(unexplained === 0 ? 0 : 1);
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  await main();
}
