import { expect, test } from 'vitest';
import { readInputs } from '../read-inputs.ts';

const LB = 'loadbalancer/app/k8s-ui-ui-cb8129ddff/f62a7bc03db28e7c';
const GROUP = 'targetgroup/k8s-ui-ui-6db3f58b9b/73e2d6bc24d8a067';
const LISTENER = 'listener/app/k8s-ui-ui-cb8129ddff/f62a7bc03db28e7c/0467ef3c8400ae65';
const arn = (resource: string): string =>
  `arn:aws:elasticloadbalancing:us-west-2:111122223333:${resource}`;

const file = (path: string, value: unknown) => ({ path, text: JSON.stringify(value) });

/** As the aws CLI prints them, shortened. */
const DOCUMENTS = [
  file('load-balancers.json', {
    LoadBalancers: [
      {
        LoadBalancerArn: arn(LB),
        DNSName: 'k8s-ui-ui-cb8129ddff-1888909706.us-west-2.elb.amazonaws.com',
        CanonicalHostedZoneId: 'Z1H1FL5HABSF5',
        CreatedTime: '2026-01-01T00:40:00.950000+00:00',
        LoadBalancerName: 'k8s-ui-ui-cb8129ddff',
        Scheme: 'internet-facing',
        VpcId: 'vpc-1',
        State: { Code: 'active' },
        Type: 'application',
        AvailabilityZones: [
          { ZoneName: 'us-west-2b', SubnetId: 'subnet-b', LoadBalancerAddresses: [] },
        ],
        SecurityGroups: ['sg-1'],
        IpAddressType: 'ipv4',
      },
      { LoadBalancerArn: arn('loadbalancer/gwy/inspect/0123456789abcdef'), Type: 'gateway' },
    ],
  }),
  file('enis.json', {
    NetworkInterfaces: [
      {
        NetworkInterfaceId: 'eni-1',
        SubnetId: 'subnet-b',
        VpcId: 'vpc-1',
        AvailabilityZone: 'us-west-2b',
        Description: 'ELB app/k8s-ui-ui-cb8129ddff/f62a7bc03db28e7c',
        InterfaceType: 'interface',
        PrivateIpAddresses: [{ Primary: true, PrivateIpAddress: '10.42.1.7' }],
        RequesterId: 'amazon-elb',
        RequesterManaged: true,
        Status: 'in-use',
      },
    ],
  }),
  file('groups.json', {
    TargetGroups: [
      {
        TargetGroupArn: arn(GROUP),
        TargetGroupName: 'k8s-ui-ui-6db3f58b9b',
        Protocol: 'HTTP',
        Port: 8080,
        VpcId: 'vpc-1',
        HealthCheckProtocol: 'HTTP',
        HealthCheckPort: 'traffic-port',
        HealthCheckEnabled: true,
        HealthCheckIntervalSeconds: 15,
        HealthCheckTimeoutSeconds: 5,
        HealthyThresholdCount: 2,
        UnhealthyThresholdCount: 2,
        HealthCheckPath: '/actuator/health/liveness',
        Matcher: { HttpCode: '200' },
        LoadBalancerArns: [arn(LB)],
        TargetType: 'ip',
        ProtocolVersion: 'HTTP1',
        IpAddressType: 'ipv4',
      },
    ],
  }),
  file('target-health-73e2d6bc24d8a067.json', {
    TargetHealthDescriptions: [
      {
        Target: { Id: '10.42.180.183', Port: 8080, AvailabilityZone: 'us-west-2c' },
        HealthCheckPort: '8080',
        TargetHealth: { State: 'healthy' },
      },
    ],
  }),
  file('listeners.json', {
    Listeners: [
      {
        ListenerArn: arn(LISTENER),
        LoadBalancerArn: arn(LB),
        Port: 443,
        Protocol: 'HTTPS',
        Certificates: [{ CertificateArn: 'arn:aws:acm:us-west-2:111122223333:certificate/1' }],
        SslPolicy: 'ELBSecurityPolicy-2016-08',
        DefaultActions: [
          {
            Type: 'fixed-response',
            FixedResponseConfig: { StatusCode: '404', ContentType: 'text/plain' },
          },
        ],
      },
    ],
  }),
  file('rules.json', {
    Rules: [
      {
        RuleArn: `${arn(LISTENER).replace(':listener/', ':listener-rule/')}/1a2b3c4d5e6f7081`,
        Priority: '1',
        Conditions: [
          { Field: 'path-pattern', Values: ['/*'], PathPatternConfig: { Values: ['/*'] } },
        ],
        Actions: [
          {
            Type: 'forward',
            TargetGroupArn: arn(GROUP),
            Order: 1,
            ForwardConfig: {
              TargetGroups: [{ TargetGroupArn: arn(GROUP), Weight: 1 }],
              TargetGroupStickinessConfig: { Enabled: false },
            },
          },
        ],
        IsDefault: false,
      },
      {
        RuleArn: `${arn(LISTENER).replace(':listener/', ':listener-rule/')}/ffffffffffffffff`,
        Priority: 'default',
        Conditions: [],
        Actions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }],
        IsDefault: true,
      },
    ],
  }),
  file('tags.json', {
    TagDescriptions: [
      {
        ResourceArn: arn(LB),
        Tags: [{ Key: 'elbv2.k8s.aws/cluster', Value: 'shop' }],
      },
    ],
  }),
  file('attributes-f62a7bc03db28e7c.json', {
    Attributes: [{ Key: 'idle_timeout.timeout_seconds', Value: '120' }],
  }),
  file('certificates-0467ef3c8400ae65.json', {
    Certificates: [
      { CertificateArn: 'arn:aws:acm:us-west-2:111122223333:certificate/2', IsDefault: false },
      { CertificateArn: 'arn:aws:acm:us-west-2:111122223333:certificate/1', IsDefault: true },
    ],
  }),
  file('zone.json', {
    HostedZone: {
      Id: '/hostedzone/Z0123456789ABCDEFGHIJ',
      Name: 'example.com.',
      CallerReference: '1',
      Config: { PrivateZone: true },
      ResourceRecordSetCount: 2,
    },
    VPCs: [{ VPCRegion: 'us-west-2', VPCId: 'vpc-1' }],
    DelegationSet: { NameServers: ['ns-0.awsdns-00.com'] },
  }),
  file('records-Z0123456789ABCDEFGHIJ.json', {
    ResourceRecordSets: [
      {
        Name: '\\052.example.com.',
        Type: 'A',
        AliasTarget: {
          HostedZoneId: 'Z1H1FL5HABSF5',
          DNSName: 'dualstack.k8s-ui-ui-cb8129ddff-1888909706.us-west-2.elb.amazonaws.com.',
          EvaluateTargetHealth: true,
        },
      },
    ],
  }),
  file('list-certificates.json', {
    CertificateSummaryList: [
      {
        CertificateArn: 'arn:aws:acm:us-west-2:111122223333:certificate/1',
        DomainName: 'example.com',
        SubjectAlternativeNameSummaries: ['example.com', '*.example.com'],
        Status: 'ISSUED',
        Type: 'AMAZON_ISSUED',
        KeyAlgorithm: 'RSA-2048',
      },
    ],
  }),
];

test('documents of the aws CLI become a load balancer with everything that hangs on it', () => {
  const { aws, notes } = readInputs(DOCUMENTS);
  expect(notes).toEqual([]);
  const { nouns } = aws;
  expect([...nouns['elbv2/load-balancer'].values()]).toMatchObject([
    {
      loadBalancerArn: arn(LB),
      zones: [{ zoneName: 'us-west-2b', networkInterfaceId: 'eni-1' }],
      attributes: { 'idle_timeout.timeout_seconds': '120' },
      tags: { 'elbv2.k8s.aws/cluster': 'shop' },
      createdAtMs: 2_400_950,
    },
  ]);
  expect([...nouns['elbv2/target'].values()]).toMatchObject([
    { targetGroupArn: arn(GROUP), id: '10.42.180.183', health: { state: 'healthy' } },
  ]);
  expect([...nouns['elbv2/listener'].values()]).toMatchObject([
    {
      certificateArns: [
        'arn:aws:acm:us-west-2:111122223333:certificate/1',
        'arn:aws:acm:us-west-2:111122223333:certificate/2',
      ],
    },
  ]);
  expect([...nouns['elbv2/rule'].values()]).toMatchObject([
    { listenerArn: arn(LISTENER), priority: 1, conditions: [{ values: ['/*'] }] },
  ]);
  expect([...nouns['route53/hosted-zone'].values()]).toMatchObject([
    { isPrivate: true, vpcIds: ['vpc-1'], nameServers: ['ns-0.awsdns-00.com'] },
  ]);
  expect([...nouns['route53/record-set'].values()]).toMatchObject([
    { hostedZoneId: 'Z0123456789ABCDEFGHIJ', name: '*.example.com.' },
  ]);
  expect([...nouns['acm/certificate'].values()]).toMatchObject([
    { subjectAlternativeNames: ['example.com', '*.example.com'], status: 'ISSUED' },
  ]);
});

test('targets whose group nobody tells are said, not guessed', () => {
  const { aws, notes } = readInputs([
    file('target-health.json', {
      TargetHealthDescriptions: [{ Target: { Id: '10.0.0.1', Port: 80 } }],
    }),
  ]);
  expect(aws.nouns['elbv2/target'].size).toBe(0);
  expect(notes.map(({ text }) => text)).toEqual([
    'TargetHealthDescriptions: AWS does not print whose these are; ' +
      "put the id into the file's name, or beside the list as TargetGroupArn",
  ]);
});
