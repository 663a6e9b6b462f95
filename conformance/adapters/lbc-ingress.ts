/**
 * conformance/adapters/lbc-ingress — a group of Ingresses and what AWS is said to answer, built
 * into a stack and compared with upstream's, byte for byte but for the order of keys.
 *
 * Schema: shared vectors lbc/README.md, "ingress-group-build". Errors are compared word for word.
 */
import { BuildError } from '../../src/controllers/load-balancer/build-error.ts';
import { buildIngressGroup } from '../../src/controllers/load-balancer/ingress/build-ingress.ts';
import type { IngressGroup } from '../../src/controllers/load-balancer/ingress/group.ts';
import type { IngressReads } from '../../src/controllers/load-balancer/ingress/ingress-reads.ts';
import { stackJson } from '../../src/controllers/load-balancer/stack/stack-json.ts';
import type { SubnetResolution } from '../../src/controllers/load-balancer/subnets/subnet-resolution.ts';
import type { Service } from '../../src/model/kubernetes/core.ts';
import type { Ingress } from '../../src/model/kubernetes/ingress.ts';
import type { KubernetesObject } from '../../src/model/kubernetes/meta.ts';
import type { Adapter, CaseResult } from '../adapter.ts';
import { type Json, listOf, subnetOf } from '../lbc-aws.ts';
import { classifiedOf, ingressOf, settingsOf } from '../lbc-ingress.ts';
import { stubbedReads } from '../lbc-ingress-reads.ts';
import { sortedJson } from '../sorted-json.ts';

interface IngressVector {
  readonly name: string;
  readonly kind: 'ingress-group-build';
  readonly objects: readonly KubernetesObject[];
  readonly group: Json;
  readonly cluster: Json;
  readonly config: Json;
  readonly expected: { readonly stack?: unknown } | null;
  readonly expectedError: string | null;
}

const isVector = (json: unknown): json is IngressVector =>
  (json as Partial<IngressVector> | null)?.kind === 'ingress-group-build';

const named = (object: KubernetesObject, key: string): boolean =>
  `${object.metadata.namespace ?? ''}/${object.metadata.name}` === key;

function groupOf({ group, objects }: IngressVector): IngressGroup {
  const ingressNamed = (key: unknown): Ingress =>
    ingressOf(objects.find((it) => it.kind === 'Ingress' && named(it, String(key))));
  return {
    id: { namespace: String(group.namespace ?? ''), name: String(group.name) },
    members: listOf(group.members).map(({ ingress, ingressClassConfig }) => {
      const config = (ingressClassConfig ?? {}) as Json;
      const { ingressClass, ingressClassParams } = config;
      return classifiedOf(ingressNamed(ingress), ingressClass, ingressClassParams);
    }),
    inactiveMembers: listOf(group.inactiveMembers).map((it) =>
      'metadata' in Object(it) ? ingressOf(it) : ingressNamed(it.ingress ?? it),
    ),
  };
}

const resolutionOf = (call: Json | undefined): SubnetResolution =>
  call === undefined
    ? { kind: 'unresolved', source: 'role-tag', text: 'nothing is stubbed', considered: [] }
    : {
        kind: 'subnets',
        source: 'role-tag',
        subnets: listOf(call.subnets).map(subnetOf),
        considered: [],
      };

function readsOf({ cluster, objects }: IngressVector): IngressReads {
  return stubbedReads({
    existingLoadBalancer: async () => {
      const [found] = listOf(listOf(cluster.listLoadBalancers)[0]?.matchedLBs);
      if (found === undefined) return undefined;
      const balancer = (found.loadBalancer ?? {}) as Json;
      return {
        scheme: balancer.Scheme as 'internal',
        securityGroups: [],
        zones: listOf(balancer.AvailabilityZones).map((it) => ({
          subnetId: it.SubnetId as never,
        })),
      };
    },
    discoverSubnets: async () => resolutionOf(listOf(cluster.resolveSubnetsViaDiscovery)[0]),
    namedSubnets: async () => resolutionOf(listOf(cluster.resolveSubnetsViaNameOrIDSlice)[0]),
    selectSubnets: async () => resolutionOf(listOf(cluster.resolveSubnetsViaSelector)[0]),
    securityGroups: async () => {
      const groups = listOf(listOf(cluster.describeSecurityGroups)[0]?.securityGroups);
      return { groupIds: groups.map(({ GroupId }) => String(GroupId)) };
    },
    backendSecurityGroup: async () => String((cluster.backendSecurityGroup as Json).id),
    service: (namespace, name) =>
      objects.find((it) => it.kind === 'Service' && named(it, `${namespace}/${name}`)) as
        | Service
        | undefined,
    secret: (namespace, name) =>
      objects.find((it) => it.kind === 'Secret' && named(it, `${namespace}/${name}`)),
  });
}

async function runVector(vector: IngressVector): Promise<CaseResult> {
  const { name, cluster, config, expectedError } = vector;
  const settings = settingsOf({ ...config, ...cluster });
  const built = await buildIngressGroup(groupOf(vector), settings, readsOf(vector));
  if (built instanceof BuildError) {
    return built.message === expectedError
      ? { name }
      : { name, failure: `wanted ${expectedError ?? 'a stack'}, got: ${built.message}` };
  }
  if (expectedError !== null) return { name, failure: `wanted the error: ${expectedError}` };
  const wanted = sortedJson(vector.expected?.stack);
  const got = sortedJson(JSON.parse(stackJson(built.stack)));
  return wanted === got ? { name } : { name, failure: `wanted ${wanted}, got ${got}` };
}

export const adapter: Adapter = {
  name: 'lbc/ingress',
  accepts: (_path, json) => isVector(json),
  run: async (json) => (isVector(json) ? [await runVector(json)] : []),
};
