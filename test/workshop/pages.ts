/**
 * test/workshop/pages — the pages of a workshop as data: one JSON file a page, in chapters. Of a
 * chapter the index page is first, then the others by their order.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface PageCommand {
  readonly cmd: string;
  /** What the page says it prints; empty where it says nothing. */
  readonly output: string;
}

export interface PageBlock {
  readonly expectError: boolean;
  /** Not for machines: it is skipped. */
  readonly isTested: boolean;
  /** How long the page waits for the outcome. */
  readonly waitSeconds: number;
  readonly timeoutSeconds: number;
  readonly commands: readonly PageCommand[];
}

export interface Page {
  /** `networking/vpc-cni/prefix/index.md`. */
  readonly name: string;
  readonly chapter: string;
  readonly isIndex: boolean;
  readonly order: number;
  readonly setup: readonly string[];
  readonly blocks: readonly PageBlock[];
}

interface PageFile {
  readonly page: string;
  readonly order?: number;
  readonly setup?: readonly string[];
  readonly blocks: readonly {
    readonly flags?: string;
    readonly commands: readonly PageCommand[];
  }[];
}

const TIMEOUT_SECONDS = 120;

/** Every page of a folder, in the order a reader takes them. */
export function readPages(folder: string): Page[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  const pages = files.map((name) => pageOf(join(folder, name)));
  return pages.sort(
    (a, b) =>
      compare(a.chapter, b.chapter) ||
      Number(b.isIndex) - Number(a.isIndex) ||
      a.order - b.order ||
      compare(a.name, b.name),
  );
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function pageOf(path: string): Page {
  const file = JSON.parse(readFileSync(path, 'utf8')) as PageFile;
  const at = file.page.lastIndexOf('/');
  return {
    name: file.page,
    chapter: file.page.slice(0, Math.max(0, at)),
    isIndex: /(^|\/)index\.md$/.test(file.page),
    order: file.order ?? Number.MAX_SAFE_INTEGER,
    setup: file.setup ?? [],
    blocks: file.blocks.map(({ flags = '', commands }) => ({
      expectError: flagOf(flags, 'expectError') === 'true',
      isTested: flagOf(flags, 'test') !== 'false',
      waitSeconds: Number(flagOf(flags, 'wait') ?? 0),
      timeoutSeconds: Number(flagOf(flags, 'timeout') ?? TIMEOUT_SECONDS),
      commands,
    })),
  };
}

/** `wait=30 expectError=true`. */
const flagOf = (flags: string, name: string): string | undefined =>
  new RegExp(`(?:^|\\s)${name}=(\\S+)`).exec(flags)?.[1];
