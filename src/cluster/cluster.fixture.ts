/**
 * cluster/cluster.fixture — an API server over an empty store, and the objects its tests create.
 */
import { declareIndexes, type Kinds, type TwinStore } from '../model/kinds.ts';
import type { Pod, Service, ServiceSpec } from '../model/kubernetes/core.ts';
import type { KubernetesObject } from '../model/kubernetes/meta.ts';
import { Simulation } from '../sim/simulation.ts';
import { Store } from '../sim/store.ts';
import { type ApiServer, createKubernetes } from './create-kubernetes.ts';
import { type ApiStatus, isApiStatus } from './kubernetes.ts';

export interface TestCluster {
  readonly clock: Simulation;
  readonly store: TwinStore;
  readonly kubernetes: ApiServer;
}

/** A cluster with EKS's usual Service block; `ipv6` makes it dual-stack. */
export function testCluster(cidrs: { ipv4?: string; ipv6?: string } = {}): TestCluster {
  const clock = new Simulation(7);
  const store: TwinStore = new Store<Kinds>();
  declareIndexes(store);
  const serviceCidrs = { ipv4: '10.100.0.0/16', ...cidrs };
  return {
    clock,
    store,
    kubernetes: createKubernetes({ store, clock, random: clock.random, serviceCidrs }),
  };
}

/** The object, when the server took it. */
export function taken<Value extends KubernetesObject>(result: Value | ApiStatus): Value {
  if (isApiStatus(result)) throw new Error(result.message);
  return result;
}

/** The refusal, when it did not. */
export function refused(result: unknown): ApiStatus {
  if (!isApiStatus(result)) throw new Error('the API server did not refuse');
  return result;
}

export const service = (name: string, spec: ServiceSpec = {}): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'default' },
  spec: { ports: [{ port: 80 }], ...spec },
});

export const pod = (name: string, spec: Partial<Pod['spec']> = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', labels: { app: 'web' } },
  spec: { containers: [{ name: 'web', image: 'web:1' }], ...spec },
});

export const deployment = (name: string, spec: object = {}): KubernetesObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'default' },
  spec: {
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: 'web', image: 'web:1' }] },
    },
    ...spec,
  },
});
