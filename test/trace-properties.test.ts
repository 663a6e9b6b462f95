/**
 * Goal: a trace ends, repeats, rests on what it cites and on nothing else. Method: random twins,
 * brought up by the real controllers and varied; things are taken away in their stores, one at a
 * time, and the same questions asked again. TRACE_TWINS=5000 looks at more twins than the 500 here.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { baseTwin } from './random-twin/standing-twin.ts';
import { Findings, type Property, study } from './random-twin/study.ts';

const TWINS = Number(process.env.TRACE_TWINS ?? 500);
const TWINS_PER_BASE = 16;
const findings = new Findings();

beforeAll(
  async () => {
    const bases = Math.ceil(TWINS / TWINS_PER_BASE);
    for (let index = 0; index < bases; index++) {
      const base = await baseTwin(index);
      const first = index * TWINS_PER_BASE;
      for (let seed = first; seed < Math.min(first + TWINS_PER_BASE, TWINS); seed++)
        study(base, seed, findings);
    }
    if (process.env.TRACE_TWINS !== undefined) console.log(Object.fromEntries(findings.seen));
  },
  600_000 * Math.ceil(TWINS / 500),
);

const broken = (property: Property): readonly string[] => findings.broken.get(property) ?? [];

/** A checker that saw nothing fails. */
const atLeast = (word: string, perTwin: number): void =>
  expect(findings.sum(word), word).toBeGreaterThan(perTwin * TWINS);

describe('over random twins', () => {
  test('a trace always ends, with a disposition', () => {
    expect(broken('total')).toEqual([]);
    atLeast('ends', 4);
    expect([...findings.seen.keys()].filter((it) => it.startsWith('ends ')).length).toBeGreaterThan(
      9,
    );
  });

  test('a trace repeats to the byte: in a fork, and after other questions and changes undone', () => {
    expect(broken('deterministic')).toEqual([]);
    expect(broken('undone')).toEqual([]);
    atLeast('deterministic', 0.9);
    atLeast('undone', 4);
  });

  test('taking away what a trace cites as decisive changes it', () => {
    expect(broken('decisive')).toEqual([]);
    atLeast('decisive', 6);
    for (const kind of DELETED) expect(findings.sum(`decisive ${kind}`), kind).toBeGreaterThan(2);
  });

  test('taking away what it does not cite leaves it the same, byte for byte', () => {
    expect(broken('uncited')).toEqual([]);
    atLeast('uncited', 6);
    for (const kind of DELETED) expect(findings.sum(`uncited ${kind}`), kind).toBeGreaterThan(2);
  });

  test('a datapath that follows its store says what a new one says', () => {
    expect(broken('fresh')).toEqual([]);
    atLeast('fresh', 0.8);
  });

  test('doing what a remedy says takes the denial away', () => {
    expect(broken('remedy')).toEqual([]);
    for (const of of ['security-group', 'network-acl'])
      expect(findings.sum(`remedy denied-by-${of}`), of).toBeGreaterThan(TWINS / 20);
    expect(findings.sum('remedy no-route')).toBeGreaterThan(TWINS / 50);
  });
});

/** The kinds of things that are taken away; each must have been seen both ways. */
const DELETED = [
  'security-group-rule',
  'network-acl-entry',
  'network-acl-association',
  'route',
  'route-table-association',
  'transit-gateway-association',
  'vpc-peering-connection',
  'vpc-endpoint',
  'gateway',
  'prefix-list',
  'network-policy',
  'policy-endpoint',
  'service',
  'endpoint',
  'ip-rule',
  'ip-route',
] as const;
