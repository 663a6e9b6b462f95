/**
 * The EKS Workshop's chapter on exposing applications, as its pages have it: the AWS Load Balancer
 * Controller and external-dns are installed, the chapter's Ingresses are applied, and there are the
 * load balancers, listeners, rules and healthy targets that the pages print. The pages stand beside
 * the repository and are read, never copied; without them this is skipped.
 */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { traceAnswer } from '../src/analysis/trace/question.ts';
import { readInputFiles } from '../src/cli/input-files.ts';
import { PROTOCOL_TCP } from '../src/net/index.ts';
import type { Component } from '../src/twin/components.ts';
import { buildTwin, type Twin } from '../src/twin/index.ts';

const WORKSHOP = '../shared/inputs/eks-workshop';
const isThere = existsSync(`${WORKSHOP}/rendered/creating-ingress.yaml`);

/** @param clusterName  of the page that printed a name: names hold a hash of it */
async function twinWith(
  manifests: readonly string[],
  components: readonly Component[],
  clusterName = 'eks-workshop',
): Promise<Twin> {
  const files = readInputFiles([
    `${WORKSHOP}/cluster`,
    `${WORKSHOP}/rendered/base-application.yaml`,
    ...manifests.map((name) => `${WORKSHOP}/rendered/${name}.yaml`),
  ]).map(({ path, text }) => ({
    path,
    text: text.replaceAll(/\beks-workshop$/gm, clusterName),
  }));
  const twin = await buildTwin(files, { seed: 1, with: components });
  expect((await twin.settle()).kind).toBe('settled');
  return twin;
}

const hostnameOf = (twin: Twin, key: string): string =>
  twin.store.get('Ingress', key)!.status!.loadBalancer!.ingress![0]!.hostname!;

const ask = (twin: Twin, from: string, to: string) =>
  traceAnswer(twin.datapath, {
    from,
    to,
    protocol: PROTOCOL_TCP,
    withReturn: true,
    namespace: 'default',
  });

const LBC = ['aws-load-balancer-controller'] as const;

describe.skipIf(!isThere)('the pages on exposing applications (needs ../shared/inputs)', () => {
  test('the Ingress of ui becomes the load balancer that the page prints', async () => {
    const page = readFileSync(
      `${WORKSHOP}/commands/fundamentals__exposing__ingress__adding-ingress.json`,
      'utf8',
    );
    // The page's cluster had another name then: the name's hash is over it.
    const twin = await twinWith(['creating-ingress'], LBC, 'eks-workshop-cluster');
    const [balancer, ...more] = twin.store.list('elbv2/load-balancer');
    expect(more).toEqual([]);
    expect(balancer!.loadBalancerName).toBe('k8s-ui-ui-cb8129ddff');
    expect(page).toContain(balancer!.loadBalancerName);
    expect(page).toContain(balancer!.canonicalHostedZoneId);
    expect(balancer).toMatchObject({
      type: 'application',
      scheme: 'internet-facing',
      state: 'active',
      ipAddressType: 'ipv4',
    });
    expect(balancer!.zones.map(({ zoneName }) => zoneName).sort()).toEqual([
      'us-west-2a',
      'us-west-2b',
      'us-west-2c',
    ]);
    expect(balancer!.securityGroups).toHaveLength(2);
    expect(hostnameOf(twin, 'ui/ui')).toBe(balancer!.dnsName.toLowerCase());
    const targets = twin.store.list('elbv2/target');
    expect(targets).toMatchObject([{ port: 8080, health: { state: 'healthy' } }]);
    expect(twin.store.lookup('Pod', 'address', targets[0]!.id)).toMatchObject([
      { metadata: { namespace: 'ui' } },
    ]);
  });

  test('a request to its name ends in a ui pod, and the answer comes back', async () => {
    const twin = await twinWith(['creating-ingress'], LBC);
    const answer = ask(twin, 'internet', `http://${hostnameOf(twin, 'ui/ui')}/`);
    expect(answer.disposition, answer.text).toBe('delivered');
    const steps = answer.branches[0]!.forward.flatMap((hop) => hop.steps.map((it) => it.text));
    expect(steps.join('\n')).toMatch(/X-Forwarded-For/i);
  });

  test('two Ingresses of a group share one load balancer: catalog before ui', async () => {
    const twin = await twinWith(['creating-ingress', 'multiple-ingress'], LBC);
    const { store } = twin;
    expect(store.count('elbv2/load-balancer')).toBe(2);
    const shared = hostnameOf(twin, 'catalog/catalog-multi');
    expect(hostnameOf(twin, 'ui/ui-multi')).toBe(shared);
    expect(shared).toMatch(/^k8s-retailappgroup-085b071a94-\d+\.us-west-2\.elb\.amazonaws\.com$/);
    const balancer = store.lookup('elbv2/load-balancer', 'dns-name', shared)[0]!;
    const listeners = store.lookup('elbv2/listener', 'load-balancer', balancer.loadBalancerArn);
    expect(listeners).toMatchObject([{ port: 80, protocol: 'HTTP' }]);
    const rules = store
      .lookup('elbv2/rule', 'listener', listeners[0]!.listenerArn)
      .sort((a, b) => a.priority - b.priority)
      .map(({ priority, conditions }) => `${priority} ${JSON.stringify(conditions)}`);
    expect(rules).toEqual([
      '1 [{"field":"path-pattern","values":["/catalog","/catalog/*"]}]',
      '2 [{"field":"path-pattern","values":["/*"]}]',
    ]);
    const unhealthy = store.list('elbv2/target').filter(({ health }) => health.state !== 'healthy');
    expect(unhealthy).toEqual([]);
    const products = ask(twin, 'internet', `http://${shared}/catalog/products`);
    expect(products.disposition, products.text).toBe('delivered');
  });

  test('external-dns gives the name of the Ingress to its load balancer', async () => {
    const twin = await twinWith(['creating-ingress'], [...LBC, 'external-dns']);
    const { cloud, store } = twin;
    const { vpcId } = store.list('eks/cluster')[0]!;
    cloud.route53.createHostedZone({ name: 'retailstore.com', vpcIds: [vpcId] });
    const [file] = readInputFiles([
      `${WORKSHOP}/manifests/modules/exposing/ingress/external-dns/ingress.yaml`,
    ]);
    const text = file!.text.replace('$INBOUND_CIDRS', '0.0.0.0/0');
    const { readInputs } = await import('../src/formats/index.ts');
    const { objects } = readInputs([{ path: file!.path, text }]);
    expect(twin.apply(objects.map(({ object }) => object))).toEqual([]);
    await twin.settle();
    const record = store
      .list('route53/record-set')
      .find(({ name, type }) => name === 'ui.retailstore.com.' && type === 'A');
    expect(record?.alias?.dnsName).toBe(`${hostnameOf(twin, 'ui/ui')}.`);
    const health = ask(twin, 'deploy/ui/ui', 'http://ui.retailstore.com/actuator/health/liveness');
    expect(health.disposition, health.text).toBe('delivered');
  });
});
