import { describe, expect, test } from 'vitest';
import type { RuleCondition } from '../../model/elbv2/listener.ts';
import { codeOf, must } from '../cloud.fixture.ts';
import type { CloudOptions } from '../cloud.ts';
import { balanced } from './elbv2.fixture.ts';

const forward = (targetGroupArn: string) =>
  [{ type: 'forward', targetGroups: [{ targetGroupArn }] }] as const;
const notFound = [{ type: 'fixed-response', fixedResponse: { statusCode: '404' } }] as const;

/** An Application Load Balancer with an HTTP listener that answers 404. */
function listening(options: Partial<CloudOptions> = {}) {
  const account = balanced(options);
  const { elbv2 } = account.cloud;
  const { loadBalancerArn } = account.balancer();
  const { listenerArn } = must(
    elbv2.createListener({
      loadBalancerArn,
      port: 80,
      protocol: 'HTTP',
      defaultActions: notFound,
    }),
  );
  const rule = (priority: number, ...conditions: RuleCondition[]) =>
    elbv2.createRule({
      listenerArn,
      priority,
      conditions:
        conditions.length > 0 ? conditions : [{ field: 'path-pattern', values: [`/${priority}`] }],
      actions: notFound,
    });
  return { ...account, loadBalancerArn, listenerArn, rule };
}

describe('a listener', () => {
  test('has a port of its own, a protocol of its load balancer, and compatible groups', () => {
    const { cloud, loadBalancerArn, group } = listening();
    const tcp = group({ name: 'tcp', protocol: 'TCP' });
    const create = (port: number, protocol: 'HTTP' | 'TCP', targetGroupArn?: string) =>
      cloud.elbv2.createListener({
        loadBalancerArn,
        port,
        protocol,
        defaultActions: targetGroupArn === undefined ? notFound : forward(targetGroupArn),
      });
    expect(create(80, 'HTTP')).toMatchObject({
      code: 'DuplicateListener',
      message: `A listener already exists on this port for this load balancer '${loadBalancerArn}'`,
    });
    expect(create(81, 'TCP')).toMatchObject({
      message: "Listener protocol 'TCP' must be one of 'HTTP, HTTPS'",
    });
    expect(codeOf(create(82, 'HTTP', tcp.targetGroupArn))).toBe('IncompatibleProtocols');
    expect(codeOf(create(83, 'HTTP', 'arn:none'))).toBe('TargetGroupNotFound');
  });

  test('of HTTPS needs a certificate that is there and issued', () => {
    const { cloud, store, loadBalancerArn } = listening();
    const create = (certificateArn?: string) =>
      cloud.elbv2.createListener({
        loadBalancerArn,
        port: 443,
        protocol: 'HTTPS',
        certificateArn,
        defaultActions: notFound,
      });
    expect(create()).toMatchObject({
      code: 'ValidationError',
      message: 'A certificate must be specified for HTTPS listeners',
    });
    const issued = must(cloud.acm.requestCertificate({ domainName: 'example.com' }));
    expect(codeOf(create(`${issued.certificateArn}0`))).toBe('CertificateNotFound');
    store.put('acm/certificate', issued.certificateArn, { ...issued, status: 'EXPIRED' });
    expect(codeOf(create(issued.certificateArn))).toBe('UnsupportedCertificate');
    store.put('acm/certificate', issued.certificateArn, issued);
    expect(must(create(issued.certificateArn)).sslPolicy).toBe('ELBSecurityPolicy-2016-08');
    expect(codeOf(cloud.acm.deleteCertificate(issued))).toBe('ResourceInUseException');
  });

  test('takes a certificate nobody described where no input describes any', () => {
    const { cloud, loadBalancerArn } = listening();
    const made = cloud.elbv2.createListener({
      loadBalancerArn,
      port: 443,
      protocol: 'HTTPS',
      certificateArn: 'arn:aws:acm:us-west-2:111122223333:certificate/unknown',
      defaultActions: notFound,
    });
    expect(codeOf(made)).toBe('ok');
  });

  test('keeps what a redirect does not name, and refuses one that leads back to itself', () => {
    const { cloud, listenerArn } = listening();
    const modify = (redirect: { port?: string; protocol?: string }) =>
      cloud.elbv2.modifyListener({
        listenerArn,
        defaultActions: [{ type: 'redirect', redirect: { ...redirect, statusCode: 'HTTP_301' } }],
      });
    expect(codeOf(modify({ protocol: 'HTTP' }))).toBe('InvalidLoadBalancerAction');
    expect(must(modify({ protocol: 'HTTPS', port: '443' })).defaultActions).toEqual([
      {
        type: 'redirect',
        redirect: {
          protocol: 'HTTPS',
          port: '443',
          host: '#{host}',
          path: '/#{path}',
          query: '#{query}',
          statusCode: 'HTTP_301',
        },
      },
    ]);
  });
});

describe('a target group', () => {
  test('belongs to one load balancer', () => {
    const { cloud, balancer, group, loadBalancerArn } = listening();
    const { targetGroupArn } = group();
    const other = balancer({ name: 'other' });
    const create = (arn: string) =>
      cloud.elbv2.createListener({
        loadBalancerArn: arn,
        port: 8080,
        protocol: 'HTTP',
        defaultActions: forward(targetGroupArn),
      });
    must(create(loadBalancerArn));
    expect(create(other.loadBalancerArn)).toMatchObject({
      code: 'TargetGroupAssociationLimit',
      message:
        'The following target groups cannot be associated with more than one load balancer: ' +
        targetGroupArn,
    });
  });

  test('is one too many for its load balancer beyond the quota', () => {
    const { cloud, group, listenerArn } = listening({
      quotas: { targetGroupsPerLoadBalancer: 1 },
    });
    const create = (priority: number, targetGroupArn: string) =>
      cloud.elbv2.createRule({
        listenerArn,
        priority,
        conditions: [{ field: 'path-pattern', values: [`/${priority}`] }],
        actions: forward(targetGroupArn),
      });
    const one = group();
    must(create(1, one.targetGroupArn));
    must(create(2, one.targetGroupArn));
    expect(create(3, group({ name: 'two' }).targetGroupArn)).toMatchObject({
      code: 'TooManyUniqueTargetGroupsPerLoadBalancer',
      message:
        'You have reached the maximum number of unique target groups that you can associate with ' +
        "a load balancer of type 'application': [1]",
    });
  });

  test('is the same when asked for twice, and an error with other settings', () => {
    const { group, cloud, vpc } = balanced();
    const web = group();
    expect(group()).toBe(web);
    expect(
      codeOf(
        cloud.elbv2.createTargetGroup({
          name: 'web',
          targetType: 'ip',
          protocol: 'HTTP',
          port: 80,
          vpcId: vpc.vpcId,
        }),
      ),
    ).toBe('DuplicateTargetGroupName');
  });
});

describe('rules', () => {
  test('have a priority each; several can change places in one call', () => {
    const { cloud, rule } = listening();
    const one = must(rule(1));
    const two = must(rule(2));
    expect(rule(1)).toMatchObject({
      code: 'PriorityInUse',
      message: "Priority '1' is currently in use",
    });
    const move = (...places: [arn: string, priority: number][]) =>
      cloud.elbv2.setRulePriorities({
        rulePriorities: places.map(([ruleArn, priority]) => ({ ruleArn, priority })),
      });
    expect(codeOf(move([one.ruleArn, 2]))).toBe('PriorityInUse');
    must(move([one.ruleArn, 2], [two.ruleArn, 1]));
    const { listenerArn } = one;
    expect(must(cloud.elbv2.describeRules({ listenerArn })).map((it) => it.ruleArn)).toEqual([
      two.ruleArn,
      one.ruleArn,
    ]);
  });

  test('are limited over all listeners of the load balancer', () => {
    const { rule, loadBalancerArn } = listening({ quotas: { rulesPerLoadBalancer: 1 } });
    must(rule(1));
    expect(rule(2)).toMatchObject({
      code: 'TooManyRules',
      message: `The maximum number of rules on load balancer '${loadBalancerArn}' has been reached`,
    });
  });

  test('hold five values and five wildcards, and conditions that can be compared with', () => {
    const { rule } = listening();
    const paths = (count: number) => Array.from({ length: count }, (_, i) => `/${i}`);
    const messageOf = (...conditions: RuleCondition[]) => rule(1, ...conditions);
    expect(messageOf({ field: 'path-pattern', values: paths(6) })).toMatchObject({
      code: 'ValidationError',
      message: "A rule can only have '5' condition values",
    });
    expect(
      messageOf(
        { field: 'path-pattern', values: paths(5) },
        { field: 'host-header', values: ['a.example.com'] },
      ),
    ).toMatchObject({ message: "A rule can only have '5' condition values" });
    expect(messageOf({ field: 'path-pattern', values: ['/******'] })).toMatchObject({
      message: "A rule can only have '5' condition wildcards",
    });
    expect(codeOf(messageOf({ field: 'source-ip', values: ['10.0.0.1'] }))).toBe('ValidationError');
    expect(codeOf(messageOf({ field: 'path-pattern', values: [] }))).toBe('ValidationError');
    must(messageOf({ field: 'path-pattern', values: ['/a/*', '/b/*'] }));
  });
});

test('a network load balancer made without security groups never gets any', () => {
  const { cloud, balancer, vpc } = balanced();
  const { groupId } = must(
    cloud.ec2.createSecurityGroup({ groupName: 'lb', description: 'lb', vpcId: vpc.vpcId }),
  );
  const without = balancer({ name: 'without', type: 'network' });
  expect(
    cloud.elbv2.setSecurityGroups({
      loadBalancerArn: without.loadBalancerArn,
      securityGroups: [groupId],
    }),
  ).toMatchObject({
    code: 'InvalidConfigurationRequest',
    message:
      'You cannot set security groups on a Network Load Balancer which was created without any ' +
      'security groups.',
  });
});
