/**
 * test/random-twin/workloads — the manifests of a random cluster: pods of every sort, Services of
 * every sort over them, and NetworkPolicies.
 */
import type { Random } from '../../src/sim/random.ts';
import { pick, several, sometimes } from './draw.ts';

const NAMESPACES = ['town', 'bank'] as const;
const APPS = ['web', 'api', 'mute', 'host'] as const;

/** Deployments and pods: with a port, with several, with none, on the host's network. */
function pods(random: Random, namespace: string): readonly object[] {
  const deployment = (name: string, replicas: number, spec: object): object => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec },
    },
  });
  const container = (ports: readonly object[]): object => ({ name: 'c', image: 'c', ports });
  return [
    deployment('web', 2 + random.int(2), {
      containers: [container([{ name: 'http', containerPort: 8080 }])],
    }),
    deployment('api', 1 + random.int(2), {
      containers: [
        container([
          { containerPort: 80 },
          { containerPort: 5353, protocol: 'UDP' },
          ...(sometimes(random, 0.3) ? [{ containerPort: 90, hostPort: 9090 }] : []),
        ]),
      ],
    }),
    deployment('mute', 1, { containers: [container([])] }),
    ...(namespace === 'town'
      ? [
          deployment('host', 1, {
            hostNetwork: true,
            containers: [container([{ containerPort: 7000 }])],
          }),
        ]
      : []),
  ];
}

function services(random: Random, namespace: string): readonly object[] {
  const service = (name: string, spec: object): object => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec,
  });
  const http = { name: 'http', port: 80, targetPort: 'http' };
  return [
    service('web', {
      selector: { app: 'web' },
      ports: [http],
      ...(sometimes(random, 0.3) ? { sessionAffinity: 'ClientIP' } : {}),
      ...(sometimes(random, 0.2) ? { internalTrafficPolicy: 'Local' } : {}),
    }),
    service('api', {
      selector: { app: 'api' },
      ports: [
        { name: 'http', port: 8000, targetPort: 80 },
        { name: 'dns', port: 53, targetPort: 5353, protocol: 'UDP' },
      ],
    }),
    service('door', {
      type: pick(random, ['NodePort', 'NodePort', 'LoadBalancer']),
      selector: { app: 'web' },
      externalTrafficPolicy: pick(random, ['Cluster', 'Local']),
      ports: [{ ...http, nodePort: namespace === 'town' ? 30_180 : 30_181 }],
    }),
    service('bare', { clusterIP: 'None', selector: { app: 'web' }, ports: [http] }),
    service('empty', { selector: { app: 'nobody' }, ports: [http] }),
    service('host', { selector: { app: 'host' }, ports: [{ port: 7000 }] }),
  ];
}

function peer(random: Random): object {
  return pick<object>(random, [
    { podSelector: {} },
    { podSelector: { matchLabels: { app: pick(random, APPS) } } },
    { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'town' } } },
    { ipBlock: { cidr: '10.20.0.0/16', except: ['10.20.64.0/19'] } },
    { ipBlock: { cidr: '0.0.0.0/0' } },
    { ipBlock: { cidr: '10.50.0.0/16' } },
  ]);
}

const port = (random: Random): object =>
  pick<object>(random, [
    { port: 8080 },
    { port: 80 },
    { port: 'http' },
    { port: 53, protocol: 'UDP' },
    { port: 1, endPort: 9999 },
  ]);

/** A policy with up to three rules a direction; some are open, some let nothing in. */
function policy(random: Random, namespace: string, name: string): object {
  const rules = (field: 'from' | 'to'): readonly object[] =>
    several(random, 3, () => ({
      ...(sometimes(random, 0.8)
        ? { [field]: [peer(random), ...several(random, 1, () => peer(random))] }
        : {}),
      ...(sometimes(random, 0.5) ? { ports: [port(random)] } : {}),
    }));
  const types = pick(random, [['Ingress'], ['Egress'], ['Ingress', 'Egress']]);
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace },
    spec: {
      podSelector: sometimes(random, 0.3) ? {} : { matchLabels: { app: pick(random, APPS) } },
      policyTypes: types,
      ...(types.includes('Ingress') ? { ingress: rules('from') } : {}),
      ...(types.includes('Egress') ? { egress: rules('to') } : {}),
    },
  };
}

/** Everything that is applied to a cluster, as one document a line. */
export function workloads(random: Random): string {
  const objects: object[] = NAMESPACES.flatMap((namespace) => [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    ...services(random, namespace),
    ...several(random, 3, () => 0).map((_, at) => policy(random, namespace, `policy-${at}`)),
    ...pods(random, namespace),
  ]);
  // The examples' own objects are in these.
  for (const name of ['core', 'payments'])
    objects.unshift({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  return objects.map((object) => JSON.stringify(object)).join('\n---\n');
}
