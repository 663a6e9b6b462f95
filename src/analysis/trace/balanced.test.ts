/**
 * Goal: a request through a load balancer ends where AWS would bring it, or says what is in the way.
 * Method: load balancers made by AWS's verbs in front of a small real cluster, asked from the
 * internet, from pods and from nodes.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import type { LoadBalancer } from '../../model/elbv2/load-balancer.ts';
import type { TargetGroup } from '../../model/elbv2/target-group.ts';
import { formatIp, PROTOCOL_UDP } from '../../net/index.ts';
import { healthFinding } from '../../twin/reach/twin-health-checker.ts';
import { Balancing, forwardTo, made } from './balanced.fixture.ts';
import type { TraceAnswer, TraceQuestion } from './question.ts';
import { ask, shop } from './trace.fixture.ts';

let it: Balancing;

const stepOf = ({ branches }: TraceAnswer, kind: string) =>
  branches[0]!.forward
    .flatMap(({ steps }) => steps)
    .find((one) => one.layer === 'load-balancer' && one.kind === kind)!;

const TIMEOUT = {
  state: 'unhealthy',
  reason: 'Target.Timeout',
  description: 'Request timed out',
} as const;

describe('an ALB with pods as targets', () => {
  let alb: LoadBalancer;
  let api: TargetGroup;
  const fromInternet = (url = '/', more: Partial<TraceQuestion> = {}) =>
    ask(it.twin, 'internet', `http://${alb.dnsName}${url}`, more);

  beforeEach(async () => {
    it = new Balancing(await shop());
    alb = it.balancer();
    api = it.targets();
    it.listener(alb, 80, 'HTTP', forwardTo(api));
    it.registerPods(api, 'api');
    await it.twin.settle();
  });

  test('is a new connection from its own interface, with the client in X-Forwarded-For', () => {
    it.letIn(it.open);
    it.health(api);
    const answer = ask(it.twin, 'internet', `${it.publicAddress(alb)}:80`);
    expect(answer.disposition).toBe('delivered');
    expect(answer.branches).toHaveLength(3);
    const [branch] = answer.branches;
    expect(branch!.probability).toBeCloseTo(1 / 3, 12);
    expect(branch!.receiver).toMatchObject({ kind: 'namespace' });
    expect(it.interfaceAddresses(alb)).toContain(branch!.arrived!.source);
    expect(branch!.http!.request.headers).toEqual([
      { name: 'X-Forwarded-For', value: '198.51.100.7' },
      { name: 'X-Forwarded-Proto', value: 'http' },
      { name: 'X-Forwarded-Port', value: '80' },
    ]);
    expect(branch!.return!.length).toBeGreaterThan(5);
  });

  test('by its name is one public address a zone, each with half of the connections', () => {
    it.letIn(it.open);
    it.health(api);
    const answer = fromInternet('/cart?id=1');
    expect(answer.disposition).toBe('delivered');
    expect(answer.name!.lookup.addresses).toEqual([
      it.publicAddress(alb, 0),
      it.publicAddress(alb, 1),
    ]);
    expect(answer.branches).toHaveLength(6);
    expect(stepOf(answer, 'listener-rule').text).toContain(`GET http://${alb.dnsName}/cart?id=1`);
  });

  test('asked by a pod of the cluster sees the NAT gateway, not the pod', () => {
    it.letIn(it.open);
    it.health(api);
    const { branches, disposition } = ask(it.twin, 'deploy/shop/web', `http://${alb.dnsName}/`);
    expect(disposition).toBe('delivered');
    const [nat] = it.twin.store.list('ec2/nat-gateway');
    expect(branches[0]!.http!.request.headers[0]!.value).toBe(nat!.publicIp);
  });

  test('answers 504 where a security group keeps it from the pod, and says which', () => {
    it.health(api, TIMEOUT);
    const answer = fromInternet();
    expect(answer).toMatchObject({ disposition: 'http-504', code: 'ENI_SG_RULES_MISMATCH' });
    expect(answer.text).toContain('3 unhealthy: Target.Timeout: Request timed out');
    expect(answer.remedy?.command).toContain(`--source-group ${it.open}`);
  });

  test('sends to healthy targets only, and to all where none is healthy', () => {
    it.letIn(it.open);
    it.health(api, TIMEOUT);
    expect(fromInternet().branches).toHaveLength(6);
    expect(stepOf(fromInternet(), 'target').text).toContain('none is healthy, so all are used');
    it.healthOf(api, 0);
    const answer = fromInternet();
    expect(answer.branches).toHaveLength(2);
    const { considered } = stepOf(answer, 'target').evidence;
    expect(considered).toHaveLength(2);
    expect(considered![0]!.field).toBe('unhealthy Target.Timeout');
  });

  test('answers 502 where the pod refuses, 503 without a target', () => {
    it.letIn(it.open);
    it.health(api);
    it.register(api, it.podsOf('api')[0]!.status!.podIP!, 81);
    it.health(api, TIMEOUT);
    it.healthOf(api, 3);
    const closed = fromInternet();
    expect(closed).toMatchObject({ disposition: 'http-502', code: 'NODE_NOTHING_LISTENS' });
    it.forgetTargets(api);
    const empty = fromInternet();
    expect(empty).toMatchObject({ disposition: 'http-503', code: 'ELBV2_LISTENER_HAS_NO_TG' });
    expect(empty.text).toContain('target group api has no registered target');
  });

  test('does not listen on other ports, pings aside', () => {
    const other = ask(it.twin, 'internet', `${it.publicAddress(alb)}:443`);
    expect(other).toMatchObject({ disposition: 'refused', code: 'ELBV2_LISTENERS_MISMATCH' });
    expect(other.text).toContain('only HTTP:80');
    const tls = ask(it.twin, 'internet', `https://${alb.dnsName}:80/`);
    expect(tls.disposition).toBe('http-400');
  });

  test('is healthy where the check gets there, and timed out where it does not', () => {
    const [pod] = it.podsOf('api');
    const target = { ...api, id: pod!.status!.podIP! };
    const closed = healthFinding(it.twin.datapath, alb.loadBalancerArn, target);
    expect(closed?.health).toEqual(TIMEOUT);
    expect(closed?.verdict.code).toBe('ENI_SG_RULES_MISMATCH');
    it.letIn(it.open);
    const open = healthFinding(it.twin.datapath, alb.loadBalancerArn, target);
    expect(open?.health).toEqual({ state: 'healthy' });
  });

  test('is not reached where its own security group keeps the client out', async () => {
    const internal = it.group('vpc-only', '192.168.0.0/16');
    made(
      it.twin.cloud.elbv2.setSecurityGroups({
        loadBalancerArn: alb.loadBalancerArn,
        securityGroups: [internal],
      }),
    );
    await it.twin.settle();
    expect(fromInternet()).toMatchObject({ disposition: 'denied-by-security-group' });
  });
});

describe('rules of an ALB', () => {
  let alb: LoadBalancer;
  let api: TargetGroup;
  let web: TargetGroup;
  const to = (url: string, more: Partial<TraceQuestion> = {}) =>
    ask(it.twin, 'internet', url, more);
  const chosen = (answer: TraceAnswer) => stepOf(answer, 'listener-rule');

  beforeEach(async () => {
    it = new Balancing(await shop());
    alb = it.balancer();
    api = it.targets();
    web = it.targets({ name: 'web', port: 8080 });
    const http = it.listener(alb, 80, 'HTTP', {
      type: 'fixed-response',
      fixedResponse: { contentType: 'text/plain', statusCode: '404' },
    });
    const rule = (priority: number, conditions: object[], action: object) =>
      made(
        it.twin.cloud.elbv2.createRule({
          listenerArn: http,
          priority,
          conditions: conditions as never,
          actions: [action] as never,
        }),
      );
    const host = (value: string) => ({ field: 'host-header', values: [value] });
    const path = (...values: string[]) => ({ field: 'path-pattern', values });
    rule(1, [host('shop.example.com'), path('/api', '/api/*')], forwardTo(api));
    rule(2, [host('*.example.com'), path('/old/*')], {
      type: 'redirect',
      redirect: { host: 'new.example.com', path: '/#{path}', statusCode: 'HTTP_302' },
    });
    rule(3, [{ field: 'http-header', httpHeaderName: 'X-Canary', values: ['yes'] }], {
      type: 'forward',
      targetGroups: [
        { targetGroupArn: api.targetGroupArn, weight: 1 },
        { targetGroupArn: web.targetGroupArn, weight: 3 },
      ],
    });
    it.registerPods(api, 'api');
    it.registerPods(web, 'web');
    it.letIn(it.open);
    await it.twin.settle();
    it.health(api);
    it.health(web);
  });

  const at = (answer: TraceAnswer) =>
    new Set(answer.branches.map((one) => one.arrived?.destinationPort));

  test('the first by priority that holds decides, hosts without regard to case', () => {
    const url = `http://${alb.dnsName}/api/items`;
    const answer = to(url, { request: { host: 'Shop.Example.COM' } });
    expect(answer.disposition).toBe('delivered');
    expect(at(answer)).toEqual(new Set([9000]));
    expect(chosen(answer).text).toContain(
      'rule 1 (host-header shop.example.com; path-pattern /api',
    );
  });

  test('paths have a case; none holds: the default, with what a rule asks for', () => {
    const url = `http://${alb.dnsName}/API/items`;
    const answer = to(url, { request: { host: 'shop.example.com' } });
    expect(answer).toMatchObject({ disposition: 'http-404', code: 'ELB_FIXED_RESPONSE' });
    expect(chosen(answer).evidence.considered!.map(({ field }) => field)).toEqual([
      'path-pattern /api, /api/*',
      'path-pattern /old/*',
      'http-header X-Canary yes',
    ]);
    const other = to(`http://${alb.dnsName}/api`);
    expect(other.disposition).toBe('http-404');
    expect(other.remedy?.text).toContain('host-header shop.example.com');
  });

  test('a redirect is told with where it leads, and the question to ask next', () => {
    const answer = to(`http://${alb.dnsName}/old/a?b=c`, { request: { host: 'www.example.com' } });
    expect(answer).toMatchObject({ disposition: 'http-302', code: 'ELB_REDIRECT' });
    expect(answer.text).toContain('http://new.example.com:80/old/a?b=c');
    expect(answer.remedy?.command).toBe('ekstwin trace internet http://new.example.com/old/a?b=c');
  });

  test('weights share the connections, exactly', () => {
    const answer = to(`http://${alb.dnsName}/`, {
      request: { headers: [{ name: 'x-canary', value: 'YES' }] },
    });
    const shares = new Map<number, number>();
    for (const { arrived, probability } of answer.branches) {
      const port = arrived!.destinationPort;
      shares.set(port, (shares.get(port) ?? 0) + probability);
    }
    expect(shares.get(9000)).toBeCloseTo(1 / 4, 12);
    expect(shares.get(8080)).toBeCloseTo(3 / 4, 12);
  });

  test('a name of ours in Route 53 leads to it by its alias, and is the Host', async () => {
    const { hostedZoneId } = made(it.twin.cloud.route53.createHostedZone({ name: 'example.com' }));
    const alias = {
      hostedZoneId: alb.canonicalHostedZoneId,
      dnsName: `dualstack.${alb.dnsName}`,
      evaluateTargetHealth: true,
    };
    made(
      it.twin.cloud.route53.changeResourceRecordSets({
        hostedZoneId,
        changes: [
          {
            action: 'CREATE',
            recordSet: { name: '*.example.com', type: 'A', values: [], alias },
          },
        ],
      }),
    );
    const answer = to('http://shop.example.com/api/');
    expect(answer.disposition).toBe('delivered');
    expect(at(answer)).toEqual(new Set([9000]));
    expect(answer.name!.lookup.queries[0]!.source).toMatch(
      /^Route 53 zone example.com, alias of name of ALB shop/,
    );
    const missing = to('http://example.com/');
    expect(missing).toMatchObject({ disposition: 'no-such-name', code: 'DNS_NO_DATA' });
  });
});

describe('an NLB', () => {
  let nlb: LoadBalancer;
  const setUp = async (
    scheme: 'internal' | 'internet-facing',
    group: Parameters<Balancing['targets']>[0],
    fill: (group: TargetGroup) => void,
    more: Parameters<Balancing['balancer']>[0] = {},
  ): Promise<TargetGroup> => {
    it = new Balancing(await shop(NODE_PORT));
    nlb = it.balancer({ type: 'network', scheme, ...more });
    const targets = it.targets({ protocol: 'TCP', ...group });
    it.listener(nlb, 80, 'TCP', forwardTo(targets));
    fill(targets);
    await it.twin.settle();
    it.health(targets);
    return targets;
  };

  test('with pods as targets hides the client, and comes from its own address', async () => {
    await setUp('internet-facing', {}, (group) => it.registerPods(group, 'api'));
    it.letIn(it.open);
    const answer = ask(it.twin, 'internet', `${it.publicAddress(nlb)}:80`);
    expect(answer.disposition).toBe('delivered');
    expect(it.interfaceAddresses(nlb)).toContain(answer.branches[0]!.arrived!.source);
  });

  test('without cross-zone sends to its own zone only; a zone without targets is no address', async () => {
    const group = await setUp('internet-facing', {}, (one) => it.registerPods(one, 'web'));
    it.letIn(it.open);
    const [target] = it.twin.store.list('elbv2/target');
    const zones = it.zonesOf(nlb);
    const other = zones.findIndex((zone) => zone !== target!.availabilityZone);
    const away = ask(it.twin, 'internet', `${it.publicAddress(nlb, other)}:80`);
    expect(away).toMatchObject({ disposition: 'refused', code: 'ELBV2_NO_TARGETS_IN_AZ' });
    expect(away.remedy?.command).toContain('load_balancing.cross_zone.enabled,Value=true');
    const byName = ask(it.twin, 'internet', `${nlb.dnsName}:80`);
    expect(byName.name!.lookup.addresses).toEqual([it.publicAddress(nlb, 1 - other)]);
    expect(byName.notes.join()).toContain(`leaves ${zones[other]} out`);
    expect(group.targetGroupName).toBe('api');
  });

  test('with nodes as targets keeps the client, who may be let in by the NLB’s own group', async () => {
    await setUp('internet-facing', { targetType: 'instance', port: 31_080 }, (group) =>
      it.registerNodes(group, 31_080),
    );
    const denied = ask(it.twin, 'internet', `${it.publicAddress(nlb)}:80`);
    expect(denied.disposition).toBe('denied-by-security-group');
    it.letIn(it.open);
    const { branches, disposition } = ask(it.twin, 'internet', `${it.publicAddress(nlb)}:80`);
    expect(disposition).toBe('delivered');
    const passed = branches[0]!.forward
      .flatMap(({ steps }) => steps)
      .find(({ kind }) => kind === 'pass-on');
    expect(passed?.text).toContain('198.51.100.7:40000');
    // The answer goes back through the NLB, whatever the private subnet's route table says.
    expect(branches[0]!.return!.map(({ node }) => node)).not.toContain(
      it.twin.store.list('ec2/nat-gateway')[0]!.natGatewayId,
    );
  });

  test('times out for a client that is its own target, unless the address is not kept', async () => {
    const group = await setUp('internal', { targetType: 'instance', port: 31_080 }, (one) =>
      it.registerNodes(one, 31_080),
    );
    // The rule for the sender's own group is none for what an NLB passes on.
    expect(ask(it.twin, 'deploy/shop/web', `${nlb.dnsName}:80`).disposition).toBe(
      'denied-by-security-group',
    );
    it.letIn(it.open);
    const answer = ask(it.twin, 'deploy/shop/web', `${nlb.dnsName}:80`);
    const lost = answer.branches.filter((one) => one.code === 'ELBV2_SOURCE_ADDRESS_PRESERVATION');
    expect(lost.length).toBeGreaterThan(0);
    expect(lost.length).toBeLessThan(answer.branches.length);
    expect(answer.disposition).toBe('timed-out');
    made(
      it.twin.cloud.elbv2.modifyTargetGroupAttributes({
        targetGroupArn: group.targetGroupArn,
        attributes: { 'preserve_client_ip.enabled': 'false' },
      }),
    );
    expect(ask(it.twin, 'deploy/shop/web', `${nlb.dnsName}:80`).disposition).toBe('delivered');
  });

  test('that is internal has private addresses for the internet too, which lead nowhere', async () => {
    await setUp('internal', {}, (group) => it.registerPods(group, 'api'));
    const answer = ask(it.twin, 'internet', `${nlb.dnsName}:80`);
    expect(answer).toMatchObject({ disposition: 'no-route' });
    expect(answer.text).toContain('is private');
  });

  test('passes UDP with the client’s address, and no ICMP error back', async () => {
    await setUp('internet-facing', {}, () => {});
    const group = it.targets({ name: 'udp', protocol: 'UDP', port: 53 });
    it.listener(nlb, 53, 'UDP', forwardTo(group));
    it.registerPods(group, 'quiet');
    it.letInUdp(it.open);
    await it.twin.settle();
    it.health(group);
    const zone = it.zonesOf(nlb).indexOf(it.zoneOfTarget(group)!);
    const to = `${it.publicAddress(nlb, zone)}:53`;
    const open = ask(it.twin, 'internet', to, { protocol: PROTOCOL_UDP });
    expect(open.disposition).toBe('delivered');
    expect(formatIp(open.branches[0]!.arrived!.source)).toBe('198.51.100.7');
    it.forgetTargets(group);
    it.registerPods(group, 'web');
    it.health(group);
    const other = it.zonesOf(nlb).indexOf(it.zoneOfTarget(group)!);
    const closed = ask(it.twin, 'internet', `${it.publicAddress(nlb, other)}:53`, {
      protocol: PROTOCOL_UDP,
    });
    expect(closed).toMatchObject({ disposition: 'timed-out', code: 'NODE_NOTHING_LISTENS' });
  });

  test('drops pings and ports without a listener', async () => {
    await setUp('internet-facing', {}, (group) => it.registerPods(group, 'api'));
    const closed = ask(it.twin, 'internet', `${it.publicAddress(nlb)}:81`);
    expect(closed).toMatchObject({ disposition: 'timed-out', code: 'ELBV2_LISTENERS_MISMATCH' });
  });
});

describe('a Classic Load Balancer', () => {
  const setUp = async (protocol: 'TCP' | 'HTTP'): Promise<string> => {
    it = new Balancing(await shop(NODE_PORT));
    const { classicElb } = it.twin.cloud;
    const loadBalancerName = 'legacy';
    const subnets = it.twin.store
      .list('ec2/subnet')
      .filter(({ tags }) => tags['kubernetes.io/role/elb'] !== undefined)
      .map(({ subnetId }) => subnetId);
    const { dnsName } = made(
      classicElb.createLoadBalancer({
        loadBalancerName,
        listeners: [
          {
            protocol,
            loadBalancerPort: 80,
            instanceProtocol: protocol,
            instancePort: 31_080,
          },
        ],
        subnets,
        securityGroups: [it.open],
      }),
    );
    const instances = it.twin.store.list('ec2/instance').map(({ instanceId }) => instanceId);
    made(classicElb.registerInstancesWithLoadBalancer({ loadBalancerName, instances }));
    return dnsName;
  };
  const inService = (state: 'InService' | 'OutOfService'): void => {
    const [classic] = it.twin.store.list('elbv2/classic-load-balancer');
    it.twin.store.put('elbv2/classic-load-balancer', classic!.loadBalancerName, {
      ...classic!,
      instances: classic!.instances.map(({ instanceId }) => ({ instanceId, state })),
    });
  };

  test('hides the client behind its own address, and tells HTTP of it', async () => {
    const host = await setUp('HTTP');
    it.letIn(it.open);
    await it.twin.settle();
    inService('InService');
    const { branches, disposition } = ask(it.twin, 'internet', `http://${host}/`);
    expect(disposition).toBe('delivered');
    expect(branches[0]!.http!.request.headers[0]).toEqual({
      name: 'X-Forwarded-For',
      value: '198.51.100.7',
    });
  });

  test('has no fail open: without an instance in service it answers 503, or closes', async () => {
    const host = await setUp('HTTP');
    inService('OutOfService');
    expect(ask(it.twin, 'internet', `http://${host}/`).disposition).toBe('http-503');
    const stream = await setUp('TCP');
    inService('OutOfService');
    expect(ask(it.twin, 'internet', `http://${stream}/`).disposition).toBe('refused');
  });
});

test('an NLB in front of an ALB keeps the client, which the ALB tells the target of', async () => {
  it = new Balancing(await shop());
  const alb = it.balancer({ scheme: 'internal' });
  const api = it.targets();
  it.listener(alb, 80, 'HTTP', forwardTo(api));
  it.registerPods(api, 'api');
  const nlb = it.balancer({ name: 'front', type: 'network' });
  const front = it.targets({ name: 'front', targetType: 'alb', protocol: 'TCP', port: 80 });
  it.register(front, alb.loadBalancerArn, 80);
  it.listener(nlb, 80, 'TCP', forwardTo(front));
  it.letIn(it.open);
  await it.twin.settle();
  it.health(api);
  it.health(front);
  const { disposition, branches } = ask(it.twin, 'internet', `http://${nlb.dnsName}/cart`);
  expect(disposition).toBe('delivered');
  expect(branches[0]!.http!.request).toMatchObject({
    host: nlb.dnsName,
    path: '/cart',
    headers: [{ value: '198.51.100.7' }, { value: 'http' }, { value: '80' }],
  });
});

test('Local: nodes without a pod fail the check on the healthCheckNodePort', async () => {
  it = new Balancing(await shop(LOCAL));
  const nlb = it.balancer({ type: 'network' });
  const service = it.twin.store.get('Service', 'shop/local')!;
  const group = it.targets({
    targetType: 'instance',
    protocol: 'TCP',
    healthCheck: {
      protocol: 'HTTP',
      port: String(service.spec.healthCheckNodePort),
      path: '/healthz',
    },
  });
  it.listener(nlb, 80, 'TCP', forwardTo(group));
  it.registerNodes(group, 31_081);
  it.letIn(it.open);
  await it.twin.settle();
  const [pod] = it.podsOf('web');
  const findings = it.twin.store.list('ec2/instance').map(({ instanceId }) => {
    const [node] = it.twin.store.lookup('Node', 'instance', instanceId);
    const target = { ...group, id: instanceId, port: 31_081 };
    const { health } = healthFinding(it.twin.datapath, nlb.loadBalancerArn, target)!;
    return [node!.metadata.name === pod!.spec.nodeName, health] as const;
  });
  // An NLB does not tell codes apart.
  const mismatch = {
    state: 'unhealthy',
    reason: 'Target.FailedHealthChecks',
    description: 'Health checks failed',
  };
  expect(new Map(findings)).toEqual(
    new Map([
      [true, { state: 'healthy' }],
      [false, mismatch],
    ] as never),
  );
});

const LOCAL = `
---
apiVersion: v1
kind: Service
metadata: {name: local, namespace: shop}
spec:
  type: LoadBalancer
  loadBalancerClass: example.com/none
  externalTrafficPolicy: Local
  selector: {app: web}
  ports: [{port: 80, targetPort: 8080, nodePort: 31081}]
`;

const NODE_PORT = `
---
apiVersion: v1
kind: Service
metadata: {name: outer, namespace: shop}
spec:
  type: NodePort
  selector: {app: api}
  ports: [{port: 80, targetPort: http, nodePort: 31080}]
`;
