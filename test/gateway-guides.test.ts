/**
 * The Gateway guides of the AWS Load Balancer Controller, example by example: what the API server
 * takes, what it refuses, and what becomes of every Gateway. The guides stand beside the repository
 * and are read, never copied; without them this is skipped.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { GatewayYard } from '../src/controllers/load-balancer/gateway/gateway.fixture.ts';
import { parseYaml } from '../src/formats/yaml.ts';
import { ALB_CONTROLLER, type Gateway, NLB_CONTROLLER } from '../src/model/kubernetes/gateway.ts';
import { type KubernetesObject, keyOf } from '../src/model/kubernetes/meta.ts';
import { type AnyRoute, ROUTE_KINDS } from '../src/model/kubernetes/route.ts';

const GUIDES = '../shared/inputs/lbc-examples';
const isThere = existsSync(GUIDES);
const files = isThere ? readdirSync(GUIDES).filter((it) => it.includes('__gateway__')) : [];

const FILLED = [
  ['<my cert arn>', 'arn:aws:acm:us-west-2:111122223333:certificate/shop'],
  ['<your service>', 'app'],
  ['<your service port>', '80'],
] as const;

function objectsOf(file: string): readonly KubernetesObject[] {
  let text = readFileSync(join(GUIDES, file), 'utf8');
  for (const [blank, value] of FILLED) text = text.replaceAll(blank, value);
  return parseYaml({ path: file, text }).flatMap(({ value }) =>
    value === null ? [] : [value as KubernetesObject],
  );
}

/** What an example leaves to its reader or to the page before it. */
function provide(yard: GatewayYard): void {
  for (const { spec } of yard.store.list('Gateway')) {
    if (yard.store.get('GatewayClass', spec.gatewayClassName) !== undefined) continue;
    const isHttp = spec.listeners.every(({ protocol }) => protocol.startsWith('HTTP'));
    yard.create({
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'GatewayClass',
      metadata: { name: spec.gatewayClassName },
      spec: { controllerName: isHttp ? ALB_CONTROLLER : NLB_CONTROLLER },
    });
  }
  const routes = ROUTE_KINDS.flatMap((kind) => yard.store.list(kind) as AnyRoute[]);
  for (const { metadata, spec } of routes) {
    for (const { backendRefs = [] } of spec.rules ?? []) {
      for (const { kind = 'Service', name, namespace = metadata.namespace, port } of backendRefs) {
        const key = `${namespace}/${name}`;
        if (kind === 'Service' && yard.store.get(kind, key) === undefined) {
          yard.put('Service', key, { ports: [{ port, targetPort: 8080 }] });
        }
        if (kind === 'Gateway' && yard.store.get(kind, key) !== undefined) {
          const conditions = [{ type: 'Programmed', status: 'True', message: ALB_ARN }];
          yard.say('Gateway', key, { conditions });
        }
      }
    }
  }
}

const ALB_ARN = 'arn:aws:elasticloadbalancing:us-west-2:111122223333:loadbalancer/app/alb/1';

/** The types of a Gateway's resources, or why it has none. */
async function becomes(yard: GatewayYard, { metadata, spec }: Gateway): Promise<string> {
  if (yard.store.get('GatewayClass', spec.gatewayClassName) === undefined) return NO_CLASS;
  yard.accept(spec.gatewayClassName);
  const built = await yard.build(keyOf({ metadata }));
  if (typeof built === 'string') return built;
  const types = Object.entries(built).map(
    ([type, of]) => `${type.replace(/.*::/, '')} ${Object.keys(of).length}`,
  );
  return types.sort().join(', ');
}

/** What the API server refuses of them, by the field at fault. */
const REFUSED: Readonly<Record<string, string>> = {
  'customization__02-L33': 'not YAML: Implicit map keys need to be followed by map values',
  'listenerruleconfig__04-L72':
    'spec.actions[0].authenticateCognitoConfig.onUnauthenticatedRequest',
  'listenerruleconfig__05-L94': 'spec.actions[0].authenticateOIDCConfig.onUnauthenticatedRequest',
  'targetgroupconfig__06-L134': 'metadata.name: Invalid value: "gateway.k8s.aws/alb"',
};

const NO_CLASS = 'its class has a name that no object can have';
const FORWARDING = 'SecurityGroup 1, TargetGroup 1, TargetGroupBinding 1';
const TWO_SECURE = `FrontendNLBTargetGroup 1, Listener 2, ListenerRule 2, LoadBalancer 1, ${FORWARDING}`;
const ONE_PLAIN = `FrontendNLBTargetGroup 1, Listener 1, LoadBalancer 1, ${FORWARDING}`;

const BECOMES: Readonly<Record<string, string>> = {
  'gateway_chaining__01-L30 example-ns/my-alb-gateway': TWO_SECURE,
  // The Gateway behind it is another page's; without anything behind them ports have no listener.
  'gateway_chaining__02-L105 example-ns/my-tcp-gateway':
    'FrontendNLBTargetGroup 1, LoadBalancer 1, SecurityGroup 1',
  'l4gateway__01-L46 example-ns/my-tcp-gateway': ONE_PLAIN,
  'l4gateway__02-L109 tcp-udp/my-tcp-udp-gateway': ONE_PLAIN,
  'l7gateway__01-L41 example-ns/my-alb-gateway': TWO_SECURE,
  'l7gateway__02-L254 example-ns/my-alb-gateway':
    'loadbalancerconfigurations.gateway.k8s.aws "test-gw-lbconfig-1" not found',
  'listenersets__01-L22 infra/my-gateway':
    'FrontendNLBTargetGroup 1, Listener 1, LoadBalancer 1, SecurityGroup 1',
  'targetgroupconfig__04-L91 gateway-system/my-gateway': NO_CLASS,
};

describe.skipIf(!isThere)('the guides on Gateways (needs ../shared/inputs)', () => {
  test.each(files)('%s', async (file) => {
    const name = file.slice('docs__guide__gateway__'.length, -'.yaml'.length);
    const yard = new GatewayYard();
    const refused: string[] = [];
    try {
      refused.push(...objectsOf(file).flatMap((it) => yard.create(it) ?? []));
    } catch (error) {
      refused.push((error as Error).message);
    }
    expect(refused.length).toBe(name in REFUSED ? 1 : 0);
    expect(refused[0] ?? '').toContain(REFUSED[name] ?? '');
    provide(yard);
    for (const gateway of yard.store.list('Gateway')) {
      expect(await becomes(yard, gateway)).toBe(BECOMES[`${name} ${keyOf(gateway)}`]);
    }
  });
});
