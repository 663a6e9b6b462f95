/** load-balancer/gateway/gateway.fixture — Gateways in a cluster, and the stacks made of them. */
import { taken, testCluster } from '../../../cluster/cluster.fixture.ts';
import { isApiStatus } from '../../../cluster/kubernetes.ts';
import type { Certificate } from '../../../model/acm/certificate.ts';
import { ALB_CONTROLLER, NLB_CONTROLLER } from '../../../model/kubernetes/gateway.ts';
import { type KubernetesObject, keyOf } from '../../../model/kubernetes/meta.ts';
import { BuildError, built } from '../build-error.ts';
import { reads as serviceReads, settings } from '../service/service.fixture.ts';
import { stackJson } from '../stack/stack-json.ts';
import { declareGatewayIndexes } from './attachment/gateway-lookups.ts';
import { type Loading, loadRoutes } from './attachment/load-routes.ts';
import { resolveConfiguration } from './configuration/resolve-configuration.ts';
import { buildGateway } from './model/build-gateway.ts';
import type { GatewayReads } from './model/gateway-build.ts';

const API_VERSIONS: Readonly<Record<string, string>> = {
  Service: 'v1',
  Namespace: 'v1',
  Secret: 'v1',
  LoadBalancerConfiguration: 'gateway.k8s.aws/v1beta1',
  TargetGroupConfiguration: 'gateway.k8s.aws/v1beta1',
  ListenerRuleConfiguration: 'gateway.k8s.aws/v1beta1',
};

/** By type and id, as the stack's JSON has them. */
type Resources = Record<string, Record<string, { readonly spec: Record<string, unknown> }>>;

/** A certificate for `*.shop.example`. */
const certificate = {
  certificateArn: 'arn:aws:acm:us-west-2:111122223333:certificate/shop',
  subjectAlternativeNames: ['*.shop.example'],
  tags: {},
} as unknown as Certificate;

const reads: GatewayReads = {
  ...serviceReads,
  selectSubnets: serviceReads.discoverSubnets,
  backendSecurityGroup: async () => 'sg-backend',
  secret: () => undefined,
  targetGroupArn: async (name) => `arn:of:${name}`,
  trustStoreArns: async (names) => Object.fromEntries(names.map((it) => [it, `arn:of:${it}`])),
  certificates: async () => [certificate],
};

/** A cluster with a class of each kind of load balancer, accepted. */
export class GatewayYard {
  readonly #cluster = testCluster();

  constructor() {
    declareGatewayIndexes(this.store);
    for (const [name, controllerName] of [
      ['alb', ALB_CONTROLLER],
      ['nlb', NLB_CONTROLLER],
    ] as const) {
      this.put('GatewayClass', name, { controllerName });
      this.accept(name);
    }
  }

  get store() {
    return this.#cluster.store;
  }

  /** Creates `name`, or `namespace/name`; the namespace is `default` otherwise. */
  put(kind: string, path: string, spec: object, more: object = {}): KubernetesObject {
    const [name = '', namespace] = path.split('/').reverse();
    const isNamespaced = kind !== 'GatewayClass' && kind !== 'Namespace';
    if (namespace !== undefined && this.store.get('Namespace', namespace) === undefined) {
      this.put('Namespace', namespace, {});
    }
    return taken(
      this.#cluster.kubernetes.create({
        apiVersion: API_VERSIONS[kind] ?? 'gateway.networking.k8s.io/v1',
        kind,
        metadata: { name, ...(isNamespaced ? { namespace: namespace ?? 'default' } : {}) },
        ...(kind === 'Namespace' ? {} : { spec }),
        ...more,
      }),
    );
  }

  /** Creates an object as it stands, in a namespace that is there; what refuses it comes back. */
  create(object: KubernetesObject): string | undefined {
    const { namespace } = object.metadata;
    if (namespace !== undefined && this.store.get('Namespace', namespace) === undefined) {
      this.put('Namespace', namespace, {});
    }
    const made = this.#cluster.kubernetes.create(object);
    return isApiStatus(made) ? made.message : undefined;
  }

  /** Says of an object what its loop would. */
  say(kind: 'GatewayClass' | 'Gateway' | 'ListenerRuleConfiguration', key: string, status: object) {
    const stored = this.store.get(kind, key)!;
    taken(this.#cluster.kubernetes.updateStatus({ ...stored, status }));
  }

  accept(className: string): void {
    this.say('GatewayClass', className, { conditions: [{ type: 'Accepted', status: 'True' }] });
  }

  /** Makes a Gateway `web` of the class with these listeners. */
  gateway(className: 'alb' | 'nlb', listeners: readonly object[], more: object = {}): void {
    this.put('Gateway', 'web', { gatewayClassName: className, listeners, ...more });
  }

  /** A Service on port 80, whose pods listen at 8080. */
  service(path: string, port: object = {}): void {
    const ports = [{ port: 80, targetPort: 8080, ...port }];
    this.put('Service', path, { type: 'NodePort', ports });
  }

  load(key = 'default/web'): Loading {
    const gateway = this.store.get('Gateway', key)!;
    const gatewayClass = this.store.get('GatewayClass', gateway.spec.gatewayClassName)!;
    const { defaults } = resolveConfiguration(this.store, gateway, gatewayClass);
    const { controllerName } = gatewayClass.spec;
    const takesListenerSets = true;
    return loadRoutes({ store: this.store, gateway, controllerName, takesListenerSets, defaults });
  }

  /** The Gateway's resources; an error's text where there are none. */
  async build(key = 'default/web', flags: object = {}): Promise<Resources | string> {
    const gateway = this.store.get('Gateway', key)!;
    const gatewayClass = this.store.get('GatewayClass', gateway.spec.gatewayClassName)!;
    const resolved = built(() => resolveConfiguration(this.store, gateway, gatewayClass));
    if (resolved instanceof BuildError) return resolved.message;
    const { configuration } = resolved;
    const { result: loaded } = this.load(key);
    if (loaded instanceof BuildError) return loaded.message;
    const type = gatewayClass.spec.controllerName === ALB_CONTROLLER ? 'application' : 'network';
    const model = await buildGateway({
      settings: { ...settings, defaultTargetType: 'ip', ...flags },
      type,
      gateway,
      configuration,
      loaded,
      reads,
    });
    return model instanceof BuildError
      ? model.message
      : JSON.parse(stackJson(model.stack)).resources;
  }

  /** What became of routes, as `Kind/namespace/name: reason, message`. */
  outcomes(key?: string): readonly string[] {
    return this.load(key).outcomes.map(
      ({ route, reason, message }) => `${route.kind}/${keyOf(route)}: ${reason}, ${message}`,
    );
  }
}

export const HTTP = { name: 'http', port: 80, protocol: 'HTTP' } as const;

/** To a port of a Service. */
export const to = (name: string, more: object = {}) => ({ name, port: 80, ...more });
