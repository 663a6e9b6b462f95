/**
 * test/random-twin/variation-kubernetes — the cluster's side of a variation: endpoints that are not
 * ready, Services told otherwise, policy endpoints with other entries, nodes with other settings.
 */
import type { TwinStore } from '../../src/model/kinds.ts';
import type { EndpointInfo } from '../../src/model/kubernetes/policy-endpoint.ts';
import type { Random } from '../../src/sim/random.ts';
import { pick, some, sometimes } from './draw.ts';

const OURS = new Set(['town', 'shop', 'bank', 'till', 'payments']);

function varyServices(store: TwinStore, random: Random): void {
  for (const service of store.list('Service')) {
    const { namespace = '', name } = service.metadata;
    if (!OURS.has(namespace) || service.spec.clusterIP === 'None') continue;
    const { spec } = service;
    const isDoor = spec.type !== undefined && spec.type !== 'ClusterIP';
    store.put('Service', `${namespace}/${name}`, {
      ...service,
      spec: {
        ...spec,
        sessionAffinity: pick(random, ['None', 'None', 'ClientIP']),
        internalTrafficPolicy: pick(random, ['Cluster', 'Cluster', 'Local']),
        ...(isDoor ? { externalTrafficPolicy: pick(random, ['Cluster', 'Local']) } : {}),
      },
    });
  }
  for (const slice of store.list('EndpointSlice')) {
    const { namespace = '', name } = slice.metadata;
    if (!OURS.has(namespace) || !sometimes(random, 0.4)) continue;
    const endpoints = slice.endpoints.map((endpoint) => {
      const ready = sometimes(random, 0.7);
      return { ...endpoint, conditions: { ready, serving: ready, terminating: false } };
    });
    store.put('EndpointSlice', `${namespace}/${name}`, { ...slice, endpoints });
  }
}

const drawEntry = (random: Random): EndpointInfo => {
  const cidr = pick(random, [
    '0.0.0.0/0',
    '10.0.0.0/8',
    '10.20.0.0/16',
    '10.50.1.10',
    '10.100.0.0/16',
  ]);
  const except =
    cidr === '10.0.0.0/8' && sometimes(random, 0.5) ? { except: ['10.50.0.0/16'] } : {};
  const ports = sometimes(random, 0.5)
    ? {
        ports: [
          {
            port: pick(random, [80, 8080, 53, 443]),
            protocol: pick(random, ['TCP', 'UDP'] as const),
          },
        ],
      }
    : {};
  return { cidr, ...except, ...ports };
};

function varyPolicies(store: TwinStore, random: Random): void {
  for (const endpoint of store.list('PolicyEndpoint')) {
    if (!sometimes(random, 0.6)) continue;
    const { namespace = '', name } = endpoint.metadata;
    const entries = (direction: 'ingress' | 'egress', type: 'Ingress' | 'Egress') => {
      const kept = some(random, endpoint.spec[direction] ?? [], 6);
      const isOne = (endpoint.spec.podIsolation ?? []).includes(type);
      return isOne && sometimes(random, 0.5) ? [...kept, drawEntry(random)] : kept;
    };
    store.put('PolicyEndpoint', `${namespace}/${name}`, {
      ...endpoint,
      spec: {
        ...endpoint.spec,
        ingress: entries('ingress', 'Ingress'),
        egress: entries('egress', 'Egress'),
      },
    });
  }
}

function varyNodes(store: TwinStore, random: Random): void {
  for (const network of store.list('node/network')) {
    if (!sometimes(random, 0.3)) continue;
    store.put('node/network', network.nodeName, {
      ...network,
      externalSnat: sometimes(random, 0.4),
      randomizeSnat: pick(random, ['prng', 'hashrandom', 'none']),
      excludedSnatCidrs: sometimes(random, 0.3) ? ['10.50.0.0/16'] : [],
      connmarkBackend: pick(random, ['iptables', 'nftables']),
    });
  }
}

/** Another plugin that enforces NetworkPolicies, by the name of its DaemonSet. */
function varyEngine(store: TwinStore, random: Random): void {
  const awsNode = store.get('DaemonSet', 'kube-system/aws-node');
  if (awsNode === undefined || !sometimes(random, 0.25)) return;
  const { template } = awsNode.spec;
  const containers = template.spec.containers.filter(({ name }) => name !== 'aws-eks-nodeagent');
  store.put('DaemonSet', 'kube-system/aws-node', {
    ...awsNode,
    spec: { ...awsNode.spec, template: { ...template, spec: { ...template.spec, containers } } },
  });
  if (sometimes(random, 0.3)) return;
  const metadata = { ...awsNode.metadata, name: 'calico-node', uid: 'calico' };
  store.put('DaemonSet', 'kube-system/calico-node', { ...awsNode, metadata });
}

/** Changes the Kubernetes side of a twin that stands still. */
export function varyKubernetes(store: TwinStore, random: Random): void {
  varyServices(store, random);
  varyPolicies(store, random);
  varyNodes(store, random);
  varyEngine(store, random);
  const [cluster] = store.list('eks/cluster');
  if (cluster === undefined || !sometimes(random, 0.3)) return;
  store.put('eks/cluster', cluster.name, {
    ...cluster,
    publicAccessCidrs: pick(random, [
      ['0.0.0.0/0'],
      ['198.51.100.0/24'],
      ['10.0.0.0/8', '192.0.2.0/24'],
    ]),
  });
}
