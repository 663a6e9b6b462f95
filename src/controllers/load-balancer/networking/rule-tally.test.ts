import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RuleInput } from '../../../cloud/ec2/vpc-operations.ts';
import type { SecurityGroupId } from '../../../model/ec2/ids.ts';
import { RuleTally } from './rule-tally.ts';

const rule = (port: number, source: string): RuleInput => ({
  protocol: 'tcp',
  fromPort: port,
  toPort: port,
  peer: { kind: 'group', groupId: source as SecurityGroupId },
});

const text = ({ fromPort, toPort }: RuleInput): string => `${fromPort}-${toPort}`;

test('one source gets one rule, from the lowest port of all bindings to the highest', () => {
  const tally = new RuleTally(true);
  tally.set('a', new Map([['sg-node', [rule(80, 'sg-lb')]]]));
  tally.set('b', new Map([['sg-node', [rule(8443, 'sg-lb')]]]));
  expect(tally.wanted('sg-node').map(text)).toEqual(['80-8443']);
  tally.delete('b');
  expect(tally.wanted('sg-node').map(text)).toEqual(['80-80']);
});

test('a group is named as long as a binding names it, with or without rules', () => {
  const tally = new RuleTally(true);
  tally.set('a', new Map([['sg-node', []]]));
  expect(tally.names('sg-node')).toBe(true);
  tally.delete('a');
  expect(tally.names('sg-node')).toBe(false);
});

test('whatever comes and goes, the tally is that of the bindings there are', () => {
  const bindings = fc.constantFrom('a', 'b', 'c');
  const rules = fc.array(
    fc.tuple(fc.integer({ min: 1, max: 9 }), fc.constantFrom('sg-1', 'sg-2')),
    { maxLength: 4 },
  );
  const steps = fc.array(fc.tuple(bindings, fc.option(rules)), { maxLength: 12 });
  fc.assert(
    fc.property(steps, fc.boolean(), (all, isRestricted) => {
      const tally = new RuleTally(isRestricted);
      const there = new Map<string, RuleInput[]>();
      for (const [binding, its] of all) {
        if (its === null) {
          tally.delete(binding);
          there.delete(binding);
          continue;
        }
        const made = its.map(([port, source]) => rule(port, source));
        tally.set(binding, new Map([['sg-node', made]]));
        there.set(binding, made);
      }
      const anew = new RuleTally(isRestricted);
      for (const [binding, its] of there) anew.set(binding, new Map([['sg-node', its]]));
      const shown = (it: RuleTally) =>
        it
          .wanted('sg-node')
          .map((one) => JSON.stringify(one))
          .sort();
      expect(shown(tally)).toEqual(shown(anew));
      expect(tally.size).toBe(there.size);
    }),
  );
});
