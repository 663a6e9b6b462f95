import type { Certificate } from '../../../model/acm/certificate.ts';
import type { Service } from '../../../model/kubernetes/core.ts';
import type { Ingress, IngressClassParamsSpec } from '../../../model/kubernetes/ingress.ts';
import { keyOf } from '../../../model/kubernetes/meta.ts';
import { BuildError } from '../build-error.ts';
import { type ControllerSettings, defaultSettings } from '../settings/settings.ts';
import type { Stack } from '../stack/stack.ts';
import { stackJson } from '../stack/stack-json.ts';
import type { SubnetResolution } from '../subnets/subnet-resolution.ts';
import { buildIngressGroup } from './build-ingress.ts';
import type { ClassifiedIngress, IngressGroup } from './group.ts';
import type { IngressReads } from './ingress-reads.ts';

/** An Ingress `shop/web` with `/` of every host forwarded to the Service `api`. */
export function ingressWith(
  annotations: Readonly<Record<string, string>> = {},
  spec: Partial<Ingress['spec']> = {},
  name = 'web',
): Ingress {
  const prefixed = Object.entries(annotations).map(([suffix, value]) => [
    `alb.ingress.kubernetes.io/${suffix}`,
    value,
  ]);
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { namespace: 'shop', name, annotations: Object.fromEntries(prefixed) },
    spec: {
      rules: [{ http: { paths: [path('/', 'api')] } }],
      ...spec,
    },
  };
}

export const path = (at: string, service: string, port: number | string = 80) => ({
  path: at,
  pathType: 'Prefix',
  backend: {
    service: { name: service, port: typeof port === 'number' ? { number: port } : { name: port } },
  },
});

/** A Service of type NodePort, port 80 to the pods' 8080. */
export const serviceNamed = (
  name: string,
  spec: Partial<Service['spec']> = {},
  annotations: Readonly<Record<string, string>> = {},
): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { namespace: 'shop', name, uid: `uid-${name}`, annotations },
  spec: {
    type: 'NodePort',
    ports: [{ name: 'http', port: 80, targetPort: 8080, nodePort: 30080 }],
    ...spec,
  },
});

export const certificateFor = (id: string, ...domains: readonly string[]): Certificate => ({
  certificateArn: `arn:aws:acm:us-west-2:1:certificate/${id}`,
  domainName: domains[0]!,
  subjectAlternativeNames: domains,
  status: 'ISSUED',
  type: 'AMAZON_ISSUED',
  keyAlgorithm: 'RSA-2048',
  tags: {},
});

export interface Given {
  readonly services?: readonly Service[];
  readonly settings?: Partial<ControllerSettings>;
  readonly params?: IngressClassParamsSpec;
  readonly inactive?: readonly Ingress[];
  readonly reads?: Partial<IngressReads>;
}

const twoSubnets = ['subnet-a', 'subnet-b'].map((subnetId) => ({ subnetId }));
const resolved = { kind: 'subnets', source: 'role-tag', subnets: twoSubnets, considered: [] };

const refusing = (what: string) => async (): Promise<never> => {
  throw new BuildError(what);
};

const readsOf = ({ services = [serviceNamed('api')], reads }: Given): IngressReads => ({
  existingLoadBalancer: async () => undefined,
  discoverSubnets: async () => resolved as unknown as SubnetResolution,
  namedSubnets: async () => resolved as unknown as SubnetResolution,
  selectSubnets: async () => resolved as unknown as SubnetResolution,
  securityGroups: async (groupIds) => ({ groupIds }),
  backendSecurityGroup: async () => 'sg-backend',
  service: (namespace, name) => services.find((it) => keyOf(it) === `${namespace}/${name}`),
  secret: () => undefined,
  targetGroupArn: refusing('expecting a single targetGroup with query [x] but got 0'),
  webAclArn: refusing('no such web ACL'),
  trustStoreArns: refusing("couldn't find TrustStores with names [x]"),
  certificates: async () => [],
  ...reads,
});

/** The group's stack, built; or the controller's words why there is none. */
export async function builtOf(
  ingresses: readonly Ingress[],
  given: Given = {},
): Promise<Stack | string> {
  const { settings, params, inactive = [] } = given;
  const members = ingresses.map((ingress): ClassifiedIngress => {
    if (params === undefined) return { ingress };
    const metadata = { name: 'of-class' };
    const apiVersion = 'elbv2.k8s.aws/v1beta1';
    return { ingress, params: { apiVersion, kind: 'IngressClassParams', metadata, spec: params } };
  });
  const group: IngressGroup = {
    id: { namespace: 'shop', name: 'web' },
    members,
    inactiveMembers: inactive,
  };
  const place = { clusterName: 'prod', vpcId: 'vpc-1', region: 'us-west-2' };
  const built = await buildIngressGroup(
    group,
    { ...defaultSettings(place), ...settings },
    readsOf(given),
  );
  return built instanceof BuildError ? built.message : built.stack;
}

/** As `builtOf`; the stack as its JSON, by type and id. */
export async function jsonOf(
  ingresses: readonly Ingress[],
  given: Given = {},
): Promise<Readonly<Record<string, Readonly<Record<string, { spec: unknown }>>>>> {
  const stack = await builtOf(ingresses, given);
  if (typeof stack === 'string') throw new Error(stack);
  return JSON.parse(stackJson(stack)).resources;
}
