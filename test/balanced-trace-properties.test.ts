/**
 * Goal: a trace through a load balancer ends, repeats, rests on what it cites and on nothing else.
 * Method: random twins with load balancers of every sort, as in trace-properties.test.ts; listeners,
 * rules, targets, groups and records are taken away one at a time besides everything else.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { seeded } from '../src/sim/random.ts';
import { balance, balancedQuestions } from './random-twin/balancing.ts';
import { removalsOfAws } from './random-twin/removals-aws.ts';
import { removalsOfBalancers } from './random-twin/removals-balancers.ts';
import { removalsOfCluster } from './random-twin/removals-cluster.ts';
import { baseTwin } from './random-twin/standing-twin.ts';
import { Findings, type Property, type Subject, study } from './random-twin/study.ts';

const TWINS = Number(process.env.TRACE_TWINS ?? 96);
const TWINS_PER_BASE = 16;
const findings = new Findings();

const SUBJECT: Subject = {
  questions: balancedQuestions,
  // Its own things are few beside rules and routes: those are looked at as often by drawing first.
  removals: (store) => [
    ...removalsOfBalancers(store),
    ...removalsOfAws(store),
    ...removalsOfCluster(store),
  ],
};

beforeAll(
  async () => {
    for (let index = 0, seed = 0; seed < TWINS; index++) {
      const base = await baseTwin(index);
      if (!balance(base, seeded(index).split('balancing'))) continue;
      for (const end = Math.min(seed + TWINS_PER_BASE, TWINS); seed < end; seed++)
        study(base, seed, findings, SUBJECT);
    }
    if (process.env.TRACE_TWINS !== undefined) console.log(Object.fromEntries(findings.seen));
  },
  600_000 * Math.ceil(TWINS / 96),
);

const broken = (property: Property): readonly string[] => findings.broken.get(property) ?? [];

describe('through load balancers of random twins', () => {
  test('a trace always ends, as a load balancer says or a target', () => {
    expect(broken('total')).toEqual([]);
    for (const end of ['delivered', 'http-404', 'http-503', 'no-such-name'])
      expect(findings.sum(`ends ${end}`), end).toBeGreaterThan(0);
  });

  test('a trace repeats to the byte: in a fork, and after other questions and changes undone', () => {
    expect(broken('deterministic')).toEqual([]);
    expect(broken('undone')).toEqual([]);
  });

  test('taking away what a trace cites as decisive changes it', () => {
    expect(broken('decisive')).toEqual([]);
    for (const kind of KINDS) expect(findings.sum(`decisive ${kind}`), kind).toBeGreaterThan(2);
  });

  test('taking away what it does not cite leaves it the same, byte for byte', () => {
    expect(broken('uncited')).toEqual([]);
    for (const kind of ['listener-rule', 'target', 'security-group-rule'])
      expect(findings.sum(`uncited ${kind}`), kind).toBeGreaterThan(2);
  });

  test('a datapath that follows its store says what a new one says', () => {
    expect(broken('fresh')).toEqual([]);
    expect(findings.sum('fresh')).toBeGreaterThan(TWINS / 2);
  });

  test('doing what a remedy says takes the denial away', () => {
    expect(broken('remedy')).toEqual([]);
  });
});

const KINDS = [
  'load-balancer',
  'listener',
  'listener-rule',
  'target-group',
  'target',
  'dns-record',
  'hosted-zone',
  'security-group-rule',
] as const;
