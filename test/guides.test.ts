/** Every entry of docs/what-the-guides-get-wrong.md has a command that proves it, and it does. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { ensureBuilt, type Outcome, run } from './ekstwin-command.ts';
import { checkedPage } from './quoted-output.ts';

interface Proof {
  /** The entry's heading anchor, e.g. `a-slash-24-for-a-hundred-pods`. */
  readonly id: string;
  /** Run in the root of the repository. */
  readonly command: string;
  /** Each must stand in what the command prints; runs of spaces count as one. */
  readonly contains: readonly string[];
  /** None may stand there. */
  readonly lacks?: readonly string[];
  readonly status?: number;
}

const proofs: readonly Proof[] = JSON.parse(readFileSync('docs/proofs.json', 'utf8'));
const PAGE = 'docs/what-the-guides-get-wrong.md';
const spaced = (text: string): string => text.replace(/[^\S\n]+/g, ' ');

const outcomes = new Map<string, Outcome>();

/** A page quotes the commands that its proofs run: once is enough. */
function outcomeOf(command: string): Outcome {
  const known = outcomes.get(command);
  if (known !== undefined) return known;
  const made = run(command, '.');
  outcomes.set(command, made);
  return made;
}

beforeAll(ensureBuilt, 180_000);

test('there are proofs, each with a name of its own', () => {
  expect(proofs.length).toBeGreaterThan(20);
  expect(new Set(proofs.map(({ id }) => id)).size).toBe(proofs.length);
});

test.each(proofs.map((proof) => [proof.id, proof] as const))('%s', (_, proof) => {
  const { status, text } = outcomeOf(proof.command);
  expect(status, text).toBe(proof.status ?? 0);
  const printed = spaced(text);
  for (const part of proof.contains) expect(printed).toContain(spaced(part));
  for (const part of proof.lacks ?? []) expect(printed).not.toContain(spaced(part));
});

test.each([PAGE, 'README.md', 'docs/trace.md'])(
  '%s shows what its commands print',
  (path) => {
    const { is, should } = checkedPage(path, outcomeOf);
    expect(is).toBe(should);
  },
  180_000,
);

test('the page shows each proof and its decisive lines, and every entry has a proof', () => {
  const page = readFileSync(PAGE, 'utf8');
  const shown = spaced(page);
  for (const { id, command, contains } of proofs) {
    expect(page, id).toContain(`<a id="${id}"></a>`);
    expect(shown, `${id}: ${command}`).toContain(`$ ${spaced(command)}`);
    for (const line of contains) expect(shown, id).toContain(spaced(line));
  }
  const anchors = [...page.matchAll(/<a id="([^"]+)"><\/a>/g)].map(([, id]) => id);
  expect(anchors.filter((id) => !proofs.some((proof) => proof.id === id))).toEqual([]);
});

test('docs/trace.md explains every code and every disposition that a trace can say', () => {
  const page = readFileSync('docs/trace.md', 'utf8');
  const codes = new Set<string>();
  for (const folder of ['src/datapath', 'src/analysis/trace']) {
    for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts') || /\.(?:test|fixture|data)\.ts$/.test(file)) continue;
      const source = readFileSync(join(folder, file), 'utf8');
      for (const [, code] of source.matchAll(/'([A-Z][A-Z0-9]+(?:_[A-Z0-9]+)+)'/g))
        codes.add(code!);
    }
  }
  // Protocols and status words of Elastic Load Balancing are no codes.
  for (const word of ['HTTP_301', 'HTTP_302', 'TCP_UDP', 'TCP_QUIC']) codes.delete(word);
  expect(codes.size).toBeGreaterThan(50);
  expect([...codes].filter((code) => !page.includes(`\`${code}\``))).toEqual([]);
  const union = readFileSync('src/datapath/trace.ts', 'utf8').split('type Disposition =')[1]!;
  const dispositions = [...union.split('\n\n')[0]!.matchAll(/'([a-z-]+)'/g)].map(([, it]) => it!);
  expect(dispositions.length).toBeGreaterThan(10);
  expect(dispositions.filter((it) => !page.includes(`\`${it}\``))).toEqual([]);
});
