/**
 * bench/application — applications that call each other: each a Deployment behind a Service, with a
 * NetworkPolicy for both directions that names whom it calls and who calls it.
 */
import type { KubernetesObject } from '../src/model/kubernetes/meta.ts';

export const REPLICAS = 15;
export const SERVICE_PORT = 80;
export const TARGET_PORT = 8080;
/** In each namespace, whatever the size of the cluster. */
export const APPS_PER_NAMESPACE = 100;
/** Each calls those so many places after it in its namespace. */
export const CALLS: readonly number[] = [1, 7];

export const namespaceOf = (app: number): string => `team-${Math.floor(app / APPS_PER_NAMESPACE)}`;
export const nameOf = (app: number): string => `app-${app % APPS_PER_NAMESPACE}`;

/** The application so many places further in the same namespace. */
export function neighbour(app: number, places: number): number {
  const first = app - (app % APPS_PER_NAMESPACE);
  return first + ((app - first + places + APPS_PER_NAMESPACE) % APPS_PER_NAMESPACE);
}

const peer = (app: number) => ({ podSelector: { matchLabels: { app: nameOf(app) } } });

/** The objects of one application. */
export function application(app: number): KubernetesObject[] {
  const metadata = { name: nameOf(app), namespace: namespaceOf(app) };
  const labels = { app: nameOf(app) };
  const ports = [{ protocol: 'TCP', port: TARGET_PORT }];
  const container = {
    name: 'web',
    image: 'web',
    ports: [{ containerPort: TARGET_PORT }],
    resources: { requests: { cpu: '100m' } },
  };
  return [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        replicas: REPLICAS,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [container] } },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { selector: labels, ports: [{ port: SERVICE_PORT, targetPort: TARGET_PORT }] },
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata,
      spec: {
        podSelector: { matchLabels: labels },
        policyTypes: ['Ingress', 'Egress'],
        ingress: [{ from: CALLS.map((places) => peer(neighbour(app, -places))), ports }],
        egress: [{ to: CALLS.map((places) => peer(neighbour(app, places))), ports }],
      },
    },
  ];
}
