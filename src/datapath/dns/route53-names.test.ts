/**
 * Goal: names in hosted zones mean to each asker what Route 53 says. Method: zones and records as
 * nouns in a store, asked from a VPC, another VPC and the internet.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import type { VpcId } from '../../model/ec2/ids.ts';
import { declareIndexes, type Kinds, type TwinStore } from '../../model/kinds.ts';
import { type RecordSet, recordKeyOf } from '../../model/route53/hosted-zone.ts';
import { Store } from '../../sim/store.ts';
import { Route53Names } from './route53-names.ts';

let store: TwinStore;
let names: Route53Names;

const zone = (hostedZoneId: string, name: string, ...vpcIds: string[]): void => {
  store.put('route53/hosted-zone', hostedZoneId, {
    hostedZoneId,
    name,
    isPrivate: vpcIds.length > 0,
    vpcIds: vpcIds as unknown as VpcId[],
    nameServers: [],
    tags: {},
  });
};
const record = (
  hostedZoneId: string,
  name: string,
  type: RecordSet['type'],
  more: Partial<RecordSet>,
): void => {
  const made: RecordSet = { hostedZoneId, name, type, values: [], ...more };
  store.put('route53/record-set', recordKeyOf(made), made);
};
const a = (hostedZoneId: string, name: string, value: string): void =>
  record(hostedZoneId, name, 'A', { values: [value] });
const told = (vpcId: string | undefined, name: string, type = 'A') => {
  const found = names.find(vpcId, name, type);
  return found && (found.rcode ?? found.addresses.join());
};

beforeEach(() => {
  store = new Store<Kinds>();
  declareIndexes(store);
  names = new Route53Names(store, []);
});

describe('hosted zones', () => {
  test('private ones answer in their VPCs, before the public one of the name', () => {
    zone('Z1', 'example.com.');
    zone('Z2', 'example.com.', 'vpc-a');
    a('Z1', 'www.example.com.', '192.0.2.1');
    a('Z2', 'www.example.com.', '10.0.0.1');
    expect(told('vpc-a', 'www.example.com.')).toBe('10.0.0.1');
    expect(told('vpc-b', 'www.example.com.')).toBe('192.0.2.1');
    expect(told(undefined, 'www.example.com.')).toBe('192.0.2.1');
  });

  test('a private zone without the name hides the public one', () => {
    zone('Z1', 'example.com.');
    zone('Z2', 'example.com.', 'vpc-a');
    a('Z1', 'www.example.com.', '192.0.2.1');
    expect(told('vpc-a', 'www.example.com.')).toBe('NXDOMAIN');
  });

  test('the most specific zone answers; names of private zones are none to the internet', () => {
    zone('Z1', 'example.com.', 'vpc-a');
    zone('Z2', 'inner.example.com.', 'vpc-a');
    a('Z1', 'db.inner.example.com.', '10.0.0.1');
    a('Z2', 'db.inner.example.com.', '10.0.0.2');
    expect(told('vpc-a', 'db.inner.example.com.')).toBe('10.0.0.2');
    expect(told(undefined, 'db.inner.example.com.')).toBe('NXDOMAIN');
    expect(told(undefined, 'www.other.org.')).toBeUndefined();
  });

  test('a wildcard stands for any depth, and not for what exists', () => {
    zone('Z1', 'example.com.');
    a('Z1', '*.example.com.', '192.0.2.7');
    record('Z1', 'mail.example.com.', 'TXT', { values: ['"x"'] });
    a('Z1', 'a.dev.example.com.', '192.0.2.8');
    expect(told(undefined, 'x.y.example.com.')).toBe('192.0.2.7');
    expect(told(undefined, 'mail.example.com.')).toBe('');
    // dev.example.com exists, as something is below it.
    expect(told(undefined, 'b.dev.example.com.')).toBe('NXDOMAIN');
    expect(told(undefined, 'example.com.')).toBe('');
  });

  test('an alias to a record of the zone is its answer; one to nothing known is said so', () => {
    zone('Z1', 'example.com.');
    a('Z1', 'www.example.com.', '192.0.2.1');
    const alias = (dnsName: string) => ({
      alias: { hostedZoneId: 'Z1', dnsName, evaluateTargetHealth: false },
    });
    record('Z1', 'example.com.', 'A', alias('www.example.com.'));
    record('Z1', 'cdn.example.com.', 'A', alias('d111.cloudfront.net.'));
    expect(told(undefined, 'example.com.')).toBe('192.0.2.1');
    expect(told(undefined, 'cdn.example.com.')).toBe('NOT-SIMULATED');
  });

  test('of weighted records the heaviest is told, with its share', () => {
    zone('Z1', 'example.com.');
    record('Z1', 'w.example.com.', 'A', { values: ['192.0.2.1'], setIdentifier: 'old', weight: 1 });
    record('Z1', 'w.example.com.', 'A', { values: ['192.0.2.2'], setIdentifier: 'new', weight: 3 });
    const found = names.find(undefined, 'w.example.com.', 'A');
    expect(found?.addresses).toEqual(['192.0.2.2']);
    expect(found?.notes[0]).toContain('for 3 of 4 queries');
  });

  test('what is delegated elsewhere is not known', () => {
    zone('Z1', 'example.com.');
    record('Z1', 'team.example.com.', 'NS', { values: ['ns1.example.net.'] });
    expect(told(undefined, 'www.team.example.com.')).toBe('NOT-SIMULATED');
  });
});
