import { describe, expect, it } from 'vitest';
import { builtOf, serviceWith } from './service.fixture.ts';

const BALANCER = 'AWS::ElasticLoadBalancingV2::LoadBalancer';
const LISTENER = 'AWS::ElasticLoadBalancingV2::Listener';
const GROUP = 'AWS::ElasticLoadBalancingV2::TargetGroup';
const BINDING = 'K8S::ElasticLoadBalancingV2::TargetGroupBinding';

const dns = [
  { name: 'dns-tcp', port: 53, targetPort: 53, nodePort: 30053, protocol: 'TCP' },
  { name: 'dns-udp', port: 53, targetPort: 53, nodePort: 30054, protocol: 'UDP' },
] as const;

describe('a Service as a network load balancer', () => {
  it('is internal unless told otherwise, and keeps the scheme it has', async () => {
    expect(await builtOf(serviceWith({}))).toMatchObject({
      [BALANCER]: { LoadBalancer: { spec: { scheme: 'internal' } } },
    });
    const existingLoadBalancer = async () =>
      ({ scheme: 'internet-facing', securityGroups: [], zones: [] }) as const;
    expect(await builtOf(serviceWith({}), { existingLoadBalancer })).toMatchObject({
      [BALANCER]: { LoadBalancer: { spec: { scheme: 'internet-facing' } } },
    });
  });

  it('loses one of TCP and UDP on a port, unless TCP_UDP is asked for', async () => {
    const lost = await builtOf(serviceWith({}, { ports: dns }));
    expect(lost).toMatchObject({ [LISTENER]: { 53: { spec: { protocol: 'TCP' } } } });
    const merging = { 'aws-load-balancer-enable-tcp-udp-listener': 'true' };
    const merged = await builtOf(serviceWith(merging, { ports: dns }));
    expect(merged).toMatchObject({
      [LISTENER]: { 53: { spec: { protocol: 'TCP_UDP' } } },
      [GROUP]: { 'shop/web:53': { spec: { protocol: 'TCP_UDP', port: 30053 } } },
    });
  });

  it('with Local nodes is checked at kube-proxy’s own port', async () => {
    const local = { externalTrafficPolicy: 'Local', healthCheckNodePort: 32001 } as const;
    expect(await builtOf(serviceWith({}, local))).toMatchObject({
      [GROUP]: {
        'shop/web:80': {
          spec: { healthCheckConfig: { port: 32001, protocol: 'HTTP', path: '/healthz' } },
        },
      },
      [BINDING]: {
        'shop/web:80': {
          spec: {
            template: {
              spec: {
                networking: {
                  ingress: [
                    {
                      from: [{ securityGroup: { groupID: 'sg-backend' } }],
                      ports: [
                        { protocol: 'TCP', port: 31080 },
                        { protocol: 'TCP', port: 32001 },
                      ],
                    },
                  ],
                },
              },
            },
          },
        },
      },
    });
  });

  it('needs as many Elastic IPs as subnets', async () => {
    const annotations = {
      'aws-load-balancer-scheme': 'internet-facing',
      'aws-load-balancer-eip-allocations': 'eipalloc-1',
    };
    expect(await builtOf(serviceWith(annotations))).toBe(
      'count of EIP allocations (1) and subnets (2) must match',
    );
  });

  it('sends a share of its clients to another Service', async () => {
    const action = {
      type: 'forward',
      forwardConfig: {
        baseServiceWeight: 80,
        targetGroups: [{ serviceName: 'canary', servicePort: 80, weight: 20 }],
      },
    };
    const weighted = serviceWith({ 'actions.TCP-80': JSON.stringify(action) });
    expect(await builtOf(weighted)).toBe('Service "canary" not found');
    const canary = { ...weighted, metadata: { name: 'canary', namespace: 'shop', uid: 'c' } };
    const resources = await builtOf(weighted, { service: () => canary });
    expect(resources).toMatchObject({
      [LISTENER]: {
        80: {
          spec: {
            defaultActions: [{ forwardConfig: { targetGroups: [{ weight: 80 }, { weight: 20 }] } }],
          },
        },
      },
      [BINDING]: { 'shop/canary:80': { spec: { template: { spec: {} } } } },
    });
  });

  it('an unknown name in ssl-ports is told', async () => {
    const annotations = { 'aws-load-balancer-ssl-ports': 'https,443' };
    expect(await builtOf(serviceWith(annotations))).toBe(
      'Unused port in ssl-ports annotation [https 443]',
    );
  });

  it('that is no longer ours is an empty stack, unless it is protected', async () => {
    const mine = serviceWith({
      'aws-load-balancer-attributes': 'deletion_protection.enabled=true',
    });
    const foreign = { ...mine, spec: { ...mine.spec, loadBalancerClass: 'example.com/lb' } };
    expect(await builtOf(foreign)).toEqual({});
    const metadata = { ...foreign.metadata, finalizers: ['service.k8s.aws/resources'] };
    expect(await builtOf({ ...foreign, metadata })).toBe(
      'deletion_protection is enabled, cannot delete the service: web',
    );
  });
});
