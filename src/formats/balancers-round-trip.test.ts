import { expect, test } from 'vitest';
import { emptyAccount, must } from '../cloud/cloud.fixture.ts';
import { balanced } from '../cloud/elbv2/elbv2.fixture.ts';
import type { Note } from '../model/input-error.ts';
import { adoptExports } from './adopt-exports.ts';
import { exportTwin } from './export-folder.ts';
import { readInputs } from './read-inputs.ts';

const META = { region: 'us-west-2', accountId: '111122223333', atMs: 0 };

/** An account with one of everything that belongs to load balancers. */
async function account() {
  const it = balanced();
  const { cloud, clock, vpc } = it;
  const { elbv2, route53, acm } = cloud;
  const web = it.balancer({ tags: { team: 'web' } });
  it.balancer({ name: 'net', type: 'network', scheme: 'internal' });
  const { targetGroupArn } = it.group({ tags: { team: 'web' } });
  const canary = it.group({ name: 'canary', protocolVersion: 'GRPC' });
  must(
    elbv2.registerTargets({ targetGroupArn, targets: [{ id: '10.0.0.20' }, { id: '10.0.1.9' }] }),
  );
  const { certificateArn } = must(
    acm.requestCertificate({
      domainName: 'example.com',
      subjectAlternativeNames: ['*.example.com'],
    }),
  );
  const { listenerArn } = must(
    elbv2.createListener({
      loadBalancerArn: web.loadBalancerArn,
      port: 443,
      protocol: 'HTTPS',
      certificateArn,
      defaultActions: [
        { type: 'fixed-response', fixedResponse: { statusCode: '404', contentType: 'text/plain' } },
      ],
    }),
  );
  must(
    elbv2.createRule({
      listenerArn,
      priority: 1,
      conditions: [
        { field: 'host-header', values: ['*.example.com'] },
        { field: 'path-pattern', regexValues: ['^/api'] },
        { field: 'http-header', httpHeaderName: 'X-A', values: ['b'] },
        { field: 'query-string', values: [{ key: 'a', value: 'b' }] },
      ],
      actions: [
        {
          type: 'forward',
          targetGroups: [
            { targetGroupArn, weight: 9 },
            { targetGroupArn: canary.targetGroupArn, weight: 1 },
          ],
          stickiness: { enabled: true, durationSeconds: 60 },
        },
      ],
    }),
  );
  const zone = must(route53.createHostedZone({ name: 'example.com' }));
  must(route53.createHostedZone({ name: 'inside.example', vpcIds: [vpc.vpcId] }));
  must(
    route53.changeResourceRecordSets({
      hostedZoneId: zone.hostedZoneId,
      changes: [
        {
          action: 'CREATE',
          recordSet: {
            name: '*.example.com',
            type: 'A',
            values: [],
            alias: {
              hostedZoneId: web.canonicalHostedZoneId,
              dnsName: web.dnsName,
              evaluateTargetHealth: true,
            },
          },
        },
      ],
    }),
  );
  must(
    cloud.classicElb.createLoadBalancer({
      loadBalancerName: 'classic',
      listeners: [
        { protocol: 'TCP', loadBalancerPort: 80, instanceProtocol: 'TCP', instancePort: 31_234 },
      ],
      subnets: [it.a.subnetId, it.b.subnetId],
      securityGroups: [],
    }),
  );
  must(
    cloud.classicElb.setProxyProtocol({
      loadBalancerName: 'classic',
      instancePort: 31_234,
      isEnabled: true,
    }),
  );
  await clock.settle(600_000);
  return it;
}

test('an account with load balancers, zones and certificates exports what it was made of', async () => {
  const { store } = await account();
  const first = exportTwin(store, META);
  const paths = first.map(({ path }) => path);
  expect(paths).toEqual(
    expect.arrayContaining([
      'aws/describe-classic-load-balancers.json',
      'aws/describe-listeners.json',
      'aws/describe-load-balancers.json',
      'aws/describe-rules.json',
      'aws/describe-tags.json',
      'aws/describe-target-groups.json',
      'aws/describe-target-health.json',
      'aws/list-hosted-zones.json',
      'aws/list-resource-record-sets.json',
    ]),
  );
  const again = emptyAccount();
  const { aws } = readInputs(first);
  const notes: Note[] = [];
  adoptExports(aws, [], again.cloud, notes);
  expect(notes).toEqual([]);
  const second = exportTwin(again.store, META);
  expect(second.map(({ path }) => path)).toEqual(paths);
  for (const [i, { path, text }] of first.entries()) expect(second[i]!.text, path).toBe(text);
});
