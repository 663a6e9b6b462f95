/**
 * test/random-twin/study — what is looked at in one random twin: that traces end, repeat, rest on
 * what they cite and on nothing else, and that their remedies help. Findings are sentences.
 */
import type { TraceQuestion } from '../../src/analysis/trace/question.ts';
import type { Branch } from '../../src/datapath/walk/flow.ts';
import type { TwinStore } from '../../src/model/kinds.ts';
import { type Random, seeded } from '../../src/sim/random.ts';
import type { Twin } from '../../src/twin/twin.ts';
import { type Answer, ask, type Cited, citedBy } from './answer.ts';
import { pick } from './draw.ts';
import { questions } from './questions.ts';
import { remedied } from './remedied.ts';
import { isCitedBy, nameOf, type Removal, remove } from './removal.ts';
import { removalsOfAws } from './removals-aws.ts';
import { removalsOfCluster } from './removals-cluster.ts';
import { freshDatapath, variation } from './standing-twin.ts';

export const PROPERTIES = [
  'total',
  'deterministic',
  'decisive',
  'uncited',
  'undone',
  'fresh',
  'remedy',
] as const;
export type Property = (typeof PROPERTIES)[number];

/** What was seen and what did not hold. */
export class Findings {
  readonly broken = new Map<Property, string[]>();
  readonly seen = new Map<string, number>();

  count(what: string): void {
    this.seen.set(what, (this.seen.get(what) ?? 0) + 1);
  }

  fail(property: Property, sentence: string): void {
    this.broken.set(property, [...(this.broken.get(property) ?? []), sentence]);
  }

  /** Of everything counted under a word. */
  sum(word: string): number {
    const counts = [...this.seen].filter(([what]) => what.startsWith(word));
    return counts.reduce((sum, [, count]) => sum + count, 0);
  }
}

/** How much of a twin is looked at. */
const QUESTIONS = 5;
const CITED = 10;
const UNCITED = 10;

interface Asked {
  readonly question: TraceQuestion;
  readonly answer: Answer;
  readonly cited: Cited;
}

/** What is asked, and what may be taken away. */
export interface Subject {
  readonly questions: typeof questions;
  readonly removals: (store: TwinStore) => readonly Removal[];
}

const CLUSTER: Subject = {
  questions,
  removals: (store) => [...removalsOfAws(store), ...removalsOfCluster(store)],
};

/** Looks at variation number `seed` of a base. */
export function study(base: Twin, seed: number, findings: Findings, subject = CLUSTER): void {
  const twin = variation(base, seed);
  const random = seeded(seed).split('study');
  const drawn = subject.questions(twin.store, random.split('questions'), QUESTIONS);
  const asked = drawn.map((question) => {
    const answer = ask(twin.datapath, question);
    return { question, answer, cited: citedBy(answer) };
  });
  const look = new Look(twin, seed, asked, findings);
  look.ends();
  const removals = namedOnce(subject.removals(twin.store));
  look.cited(removals, random.split('cited'));
  look.uncited(removals, random.split('uncited'));
  look.remedies();
  // Everything was put back, and in between every cache was warm and had to forget.
  look.repeats('undone', twin, asked.toReversed());
  if (seed % 5 === 0) look.repeats('deterministic', undefined, asked);
}

/** Two things of one name, as two equal routes of two tables, cannot be told apart in evidence. */
function namedOnce(removals: readonly Removal[]): readonly Removal[] {
  const names = new Map<string, number>();
  for (const it of removals) names.set(nameOf(it), (names.get(nameOf(it)) ?? 0) + 1);
  return removals.filter((it) => names.get(nameOf(it)) === 1);
}

function shuffled<T>(random: Random, list: readonly T[]): readonly T[] {
  const drawn = list.map((value) => ({ value, by: random.next() }));
  return drawn.sort((a, b) => a.by - b.by).map(({ value }) => value);
}

class Look {
  readonly #twin: Twin;
  readonly #seed: number;
  readonly #asked: readonly Asked[];
  readonly #findings: Findings;

  constructor(twin: Twin, seed: number, asked: readonly Asked[], findings: Findings) {
    this.#twin = twin;
    this.#seed = seed;
    this.#asked = asked;
    this.#findings = findings;
  }

  /** Every trace has a disposition, and every way of it begins somewhere. */
  ends(): void {
    for (const { question, answer } of this.#asked) {
      const { trace } = answer;
      this.#findings.count(`ends ${trace?.disposition ?? 'as a mistake'}`);
      if (trace === undefined) continue;
      const ways = trace.name === undefined ? trace.branches : waysOf(trace);
      const isWhole = ways.every(({ forward, disposition }) => forward.length > 0 && disposition);
      if (trace.disposition === undefined || !isWhole || (ways.length === 0 && !trace.name))
        this.#fail('total', question, 'has no disposition, or a way without hops');
    }
  }

  /** Takes away what is cited as decisive: the trace changes. */
  cited(removals: readonly Removal[], random: Random): void {
    const cited = removals.flatMap((it) => {
      const by = this.#asked.filter(({ cited: { decisive } }) =>
        decisive.some((element) => isCitedBy(it, element)),
      );
      return by.length === 0 ? [] : [{ it, by }];
    });
    for (const { it, by } of shuffled(random, cited).slice(0, CITED)) {
      const undo = remove(this.#twin.store, it);
      for (const { question, answer } of by) {
        this.#findings.count(`decisive ${it.kind}`);
        const after = ask(this.#twin.datapath, question);
        if (after.bytes === answer.bytes)
          this.#fail('decisive', question, `stays the same without ${nameOf(it)}`);
        if (random.int(12) === 0) this.#isFresh(question, after, it);
      }
      undo();
    }
  }

  /** Takes away what a trace tells nothing of: it stays the same, byte for byte. */
  uncited(removals: readonly Removal[], random: Random): void {
    for (const it of shuffled(random, removals).slice(0, UNCITED)) {
      const { question, answer, cited } = pick(random, this.#asked);
      const all = [...cited.decisive, ...cited.considered];
      if (all.some((element) => isCitedBy(it, element))) continue;
      if (it.texts.some((text) => answer.bytes.includes(text))) {
        this.#findings.count('mentioned');
        continue;
      }
      this.#findings.count(`uncited ${it.kind}`);
      const undo = remove(this.#twin.store, it);
      const after = ask(this.#twin.datapath, question);
      if (after.bytes !== answer.bytes)
        this.#fail(
          'uncited',
          question,
          `changes without ${nameOf(it)}${difference(answer, after)}`,
        );
      if (random.int(12) === 0) this.#isFresh(question, after, it);
      undo();
    }
  }

  /** What a datapath that followed the store says is what a new one says. */
  #isFresh(question: TraceQuestion, after: Answer, it: Removal): void {
    this.#findings.count('fresh');
    const fresh = ask(freshDatapath(this.#twin), question);
    if (fresh.bytes !== after.bytes)
      this.#fail('fresh', question, `is stale without ${nameOf(it)}${difference(after, fresh)}`);
  }

  /** Does what the remedy of a denial says: that denial is gone, be there another behind it. */
  remedies(): void {
    for (const { question, answer } of this.#asked) {
      if (answer.trace === undefined) continue;
      const { remedy } = answer.trace;
      const denied = waysOf(answer.trace).find((it) => it.remedy?.command === remedy?.command);
      if (remedy?.command === undefined || denied === undefined) continue;
      try {
        const help = remedied(this.#twin.store, remedy.command);
        if (help === undefined) continue;
        this.#findings.count(`remedy ${denied.disposition}`);
        const changes = [help];
        const undo = remove(this.#twin.store, { kind: 'vpc', object: '', texts: [], changes });
        const after = ask(this.#twin.datapath, question);
        if (
          after.trace === undefined ||
          waysOf(after.trace).some(({ text }) => text === denied.text)
        )
          this.#fail('remedy', question, `${denied.text} stands after: ${remedy.command}`);
        undo();
      } catch (error) {
        this.#fail('remedy', question, String(error));
      }
    }
  }

  /** Asked again, in another order, the bytes are the same. */
  repeats(
    property: 'undone' | 'deterministic',
    twin: Twin | undefined,
    asked: readonly Asked[],
  ): void {
    for (const { question, answer } of asked) {
      this.#findings.count(property);
      const again = ask(twin?.datapath ?? freshDatapath(this.#twin), question);
      if (again.bytes !== answer.bytes)
        this.#fail(property, question, `is another one${difference(answer, again)}`);
    }
  }

  #fail(property: Property, { from, to, protocol }: TraceQuestion, what: string): void {
    this.#findings.fail(
      property,
      `twin ${this.#seed}: ${from} -> ${to} (protocol ${protocol}) ${what}`,
    );
  }
}

/** Every way walked: of the flow, and of the queries before it. */
const waysOf = ({ branches, name }: NonNullable<Answer['trace']>): readonly Branch[] => [
  ...branches,
  ...(name?.ways ?? []).flatMap((way) => way.branches),
];

/** Where two answers part. */
function difference({ bytes: before }: Answer, { bytes: after }: Answer): string {
  let at = 0;
  while (at < before.length && before[at] === after[at]) at++;
  const from = Math.max(0, at - 120);
  return `\n  -${before.slice(from, at + 160)}\n  +${after.slice(from, at + 160)}`;
}
