import { describe, expect, test } from 'vitest';
import { emptyAccount, must } from '../cloud.fixture.ts';
import { balanced } from '../elbv2/elbv2.fixture.ts';
import type { RecordChange } from './operations.ts';

type Change = RecordChange['recordSet'];

function zoned() {
  const account = emptyAccount();
  const { hostedZoneId } = must(account.cloud.route53.createHostedZone({ name: 'Example.com' }));
  const change = (action: RecordChange['action'], ...recordSets: Change[]) =>
    account.cloud.route53.changeResourceRecordSets({
      hostedZoneId,
      changes: recordSets.map((recordSet) => ({ action, recordSet })),
    });
  const names = () =>
    must(account.cloud.route53.listResourceRecordSets({ hostedZoneId })).map(
      ({ name, type }) => `${type} ${name}`,
    );
  return { ...account, hostedZoneId, change, names };
}

const address = (name: string, value = '192.0.2.1'): Change => ({
  name,
  type: 'A',
  ttlSeconds: 300,
  values: [value],
});
const alias = (name: string, dnsName: string, hostedZoneId: string): Change => ({
  name,
  type: 'A',
  values: [],
  alias: { dnsName, hostedZoneId, evaluateTargetHealth: true },
});

describe('a batch of changes', () => {
  test('is made whole or not at all', () => {
    const { change, names } = zoned();
    must(change('CREATE', address('a.example.com')));
    const before = names();
    expect(before).toEqual(['NS example.com.', 'SOA example.com.', 'A a.example.com.']);
    expect(change('CREATE', address('b.example.com'), address('A.example.com.'))).toMatchObject({
      code: 'InvalidChangeBatch',
      message:
        "[Tried to create resource record set [name='a.example.com.', type='A'] but it already exists]",
    });
    expect(names()).toEqual(before);
  });

  test('deletes only what is there as it is said to be', () => {
    const { change } = zoned();
    must(change('CREATE', address('a.example.com')));
    expect(change('DELETE', address('b.example.com'))).toMatchObject({
      message:
        "[Tried to delete resource record set [name='b.example.com.', type='A'] but it was not found]",
    });
    expect(change('DELETE', address('a.example.com', '192.0.2.2'))).toMatchObject({
      message:
        "[Tried to delete resource record set [name='a.example.com.', type='A'] but the values " +
        'provided do not match the current values]',
    });
    must(change('DELETE', address('a.example.com')));
  });

  test('leaves a CNAME alone at its name', () => {
    const { change } = zoned();
    const cname: Change = {
      name: 'a.example.com',
      type: 'CNAME',
      ttlSeconds: 300,
      values: ['b.example.com'],
    };
    must(change('CREATE', address('a.example.com')));
    expect(change('CREATE', cname)).toMatchObject({
      message:
        '[RRSet of type CNAME with DNS name a.example.com. is not permitted as it conflicts with ' +
        'other records with the same DNS name in zone example.com.]',
    });
    must(change('DELETE', address('a.example.com')));
    must(change('CREATE', cname));
    expect(change('UPSERT', address('a.example.com'))).toMatchObject({
      message:
        '[RRSet of type A with DNS name a.example.com. is not permitted because a conflicting ' +
        'RRSet of type CNAME with the same DNS name already exists in zone example.com.]',
    });
  });

  test('has names of its zone and values of their type', () => {
    const { change } = zoned();
    expect(change('CREATE', address('a.example.org'))).toMatchObject({
      message: '[RRSet with DNS name a.example.org. is not permitted in zone example.com.]',
    });
    expect(change('CREATE', address('a.example.com', 'web'))).toMatchObject({
      code: 'InvalidChangeBatch',
      message: expect.stringContaining("encountered with 'web'"),
    });
    expect(
      change('CREATE', { name: 'a.example.com', type: 'TXT', ttlSeconds: 300, values: ['bare'] }),
    ).toMatchObject({ message: expect.stringContaining('enclosed in quotation marks') });
  });
});

test('an alias of a load balancer names the zone AWS keeps that name in', () => {
  const { change } = zoned();
  const { balancer } = balanced();
  const { dnsName, canonicalHostedZoneId } = balancer();
  expect(change('UPSERT', alias('www.example.com', dnsName, 'Z18D5FSROUN65G'))).toMatchObject({
    code: 'InvalidChangeBatch',
    message:
      `[Tried to create an alias that targets ${dnsName}., type A in zone Z18D5FSROUN65G, but the ` +
      'alias target name does not lie within the target zone, ' +
      `Tried to create an alias that targets ${dnsName}., type A in zone Z18D5FSROUN65G, but that ` +
      'target was not found]',
  });
  must(change('UPSERT', alias('www.example.com', dnsName, canonicalHostedZoneId)));
  must(change('UPSERT', alias('www.example.com', `dualstack.${dnsName}`, canonicalHostedZoneId)));
});

test('an alias inside its zone leads to a record that is there', () => {
  const { change, hostedZoneId } = zoned();
  const it = alias('www.example.com', 'web.example.com', hostedZoneId);
  expect(change('CREATE', it)).toMatchObject({
    message: expect.stringContaining('but that target was not found'),
  });
  must(change('CREATE', address('web.example.com'), it));
});

test('a zone goes only when nothing but its own two records is left', () => {
  const { cloud, change, hostedZoneId } = zoned();
  must(change('CREATE', address('a.example.com')));
  expect(cloud.route53.deleteHostedZone({ hostedZoneId })).toMatchObject({
    code: 'HostedZoneNotEmpty',
  });
  must(change('DELETE', address('a.example.com')));
  must(cloud.route53.deleteHostedZone({ hostedZoneId }));
  expect(cloud.route53.listHostedZones({})).toEqual([]);
});
