/**
 * conformance/adapters/aws-npc — the network policy controller's own tests of how a policy becomes
 * addresses (aws/amazon-network-policy-controller-k8s pkg/resolvers/endpoints_test.go).
 *
 * Schema: {TestFunction: [cases]}. `podListCalls` and `serviceListCalls` are what upstream's fake
 * client answers, one list a call; here the pods and Services of all of them are what there is.
 * Order means nothing.
 */
import {
  everybodyOutside,
  resolvePolicy,
  type Surroundings,
} from '../../src/controllers/network-policy/resolve-policy.ts';
import {
  leadsElsewhere,
  serviceEndpoints,
} from '../../src/controllers/network-policy/service-endpoints.ts';
import type { Pod, Service } from '../../src/model/kubernetes/core.ts';
import { keyOf, type LabelSelector } from '../../src/model/kubernetes/meta.ts';
import type { NetworkPolicy, NetworkPolicyPort } from '../../src/model/kubernetes/networking.ts';
import { matchesSelector } from '../../src/model/kubernetes/selectors.ts';
import type { Adapter, CaseResult } from '../adapter.ts';

interface NpcCase {
  readonly name: string;
  readonly args?: {
    readonly netpol?: NetworkPolicy;
    readonly ports?: readonly NetworkPolicyPort[];
    readonly podListCalls?: readonly { readonly pods?: readonly Pod[] }[];
    readonly serviceListCalls?: readonly { readonly services?: readonly Service[] }[];
  };
  readonly wantIngressEndpoints?: readonly unknown[];
  readonly wantEgressEndpoints?: readonly unknown[];
  readonly wantPodEndpoints?: readonly unknown[];
  readonly want?: readonly unknown[];
  readonly service?: Service;
  readonly services?: readonly Service[];
  readonly pods?: readonly Pod[];
  readonly matchedListenPort?: number;
  readonly protocol?: string;
  readonly policyPorts?: readonly NetworkPolicyPort[];
  readonly expected?: boolean;
  readonly npPodSelector?: LabelSelector;
  readonly npPorts?: readonly NetworkPolicyPort[];
  readonly expectServiceClusterIPs?: readonly string[];
  readonly excludeServiceClusterIPs?: readonly string[];
}

type Sets = Readonly<Record<string, readonly NpcCase[]>>;

const once = <Value extends Pod | Service>(values: readonly Value[]): readonly Value[] => [
  ...new Map(
    // Some of upstream's Services have no metadata at all.
    values.map((it, i) => [it.metadata === undefined ? `${i}` : keyOf(it), it] as const),
  ).values(),
];

function surroundings(pods: readonly Pod[], services: readonly Service[]): Surroundings {
  const inNamespace = ({ metadata }: Pod | Service, namespace: string): boolean =>
    (metadata?.namespace ?? namespace) === namespace;
  const namespaces = new Set(pods.map(({ metadata }) => metadata.namespace!));
  return {
    podsMatching: (namespace, selector) =>
      once(pods).filter(
        (pod) =>
          inNamespace(pod, namespace) &&
          (selector === undefined || matchesSelector(selector, pod.metadata.labels)),
      ),
    servicesIn: (namespace) => once(services).filter((it) => inNamespace(it, namespace)),
    namespacesMatching: () => namespaces,
  };
}

/** Both as sorted lines; fields that are absent and lists that are empty are the same. */
const lines = (values: readonly unknown[] | undefined): string =>
  (values ?? [])
    .map((value) => JSON.stringify(sorted(value)))
    .sort()
    .join('\n');

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, it]) => it !== '' && !(Array.isArray(it) && it.length === 0))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, it]) => [key, sorted(it)]),
  );
}

const differs = (
  what: string,
  wanted: readonly unknown[] | undefined,
  got: readonly unknown[],
): string | undefined =>
  lines(wanted) === lines(got)
    ? undefined
    : `${what}: wanted ${lines(wanted) || 'none'}, got ${lines(got) || 'none'}`;

function resolve({ name, args, ...wanted }: NpcCase): CaseResult {
  const pods = (args?.podListCalls ?? []).flatMap((call) => call.pods ?? []);
  const services = (args?.serviceListCalls ?? []).flatMap((call) => call.services ?? []);
  const got = resolvePolicy(surroundings(pods, services), args!.netpol!);
  const failure =
    differs('ingress', wanted.wantIngressEndpoints, got.ingress) ??
    differs('egress', wanted.wantEgressEndpoints, got.egress) ??
    differs('pods', wanted.wantPodEndpoints, got.pods);
  return { name, failure };
}

function allowAll({ name, args, want }: NpcCase): CaseResult {
  return { name, failure: differs('egress', want, everybodyOutside(args?.ports ?? [])) };
}

function bypass(it: NpcCase): CaseResult {
  const behind = (it.pods ?? []).filter((pod) =>
    matchesSelector({ matchLabels: it.service!.spec.selector ?? {} }, pod.metadata.labels),
  );
  const got = leadsElsewhere(
    it.service!,
    it.matchedListenPort!,
    it.protocol!,
    it.policyPorts ?? [],
    behind,
  );
  const wanted = it.expected ?? false;
  return { name: it.name, failure: wanted === got ? undefined : `wanted ${wanted}, got ${got}` };
}

function clusterIps(it: NpcCase): CaseResult {
  const services = it.services ?? [];
  const namespace = services[0]?.metadata.namespace ?? '';
  const around = surroundings(it.pods ?? [], services);
  const got = serviceEndpoints(around, namespace, it.npPodSelector ?? {}, it.npPorts ?? []);
  const ips = got.map(({ cidr }) => cidr!);
  const missing = (it.expectServiceClusterIPs ?? []).find((ip) => !ips.includes(ip));
  const extra = (it.excludeServiceClusterIPs ?? []).find((ip) => ips.includes(ip));
  if (missing !== undefined) return { name: it.name, failure: `${missing} is missing` };
  return { name: it.name, failure: extra === undefined ? undefined : `${extra} is let through` };
}

const RUNNERS: Readonly<Record<string, (it: NpcCase) => CaseResult>> = {
  TestEndpointsResolver_Resolve: resolve,
  TestEndpointsResolver_buildAllowAllEgress: allowAll,
  TestEndpointsResolver_hasTargetPortBypass: bypass,
  TestGetMatchingServiceClusterIPs_NamedPortBypass: clusterIps,
};

export const adapter: Adapter = {
  name: 'netpol/aws-npc-endpoints',
  accepts: (_path, json) =>
    typeof json === 'object' && json !== null && 'TestEndpointsResolver_Resolve' in json,
  run: (json) =>
    Object.entries(json as Sets).flatMap(([test, cases]) =>
      cases.map((it) => {
        const { name, ...outcome } = RUNNERS[test]?.(it) ?? {
          name: it.name,
          skipped: `${test} is of another part`,
        };
        return { name: `${test}: ${name}`, ...outcome };
      }),
    ),
};
