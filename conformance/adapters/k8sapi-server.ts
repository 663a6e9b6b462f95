/**
 * conformance/adapters/k8sapi-server — the API server the k8sapi vectors were asked of: service
 * CIDR
 * 10.100.0.0/16, one stack, the `kubernetes` Service in place, and the namespaces the cases use.
 */
import { type ApiServer, createKubernetes } from '../../src/cluster/create-kubernetes.ts';
import { declareIndexes, type Kinds, type TwinStore } from '../../src/model/kinds.ts';
import { Simulation } from '../../src/sim/simulation.ts';
import { Store } from '../../src/sim/store.ts';
import { isPlain, type Plain } from './k8sapi-older.ts';

export interface Server {
  readonly store: TwinStore;
  readonly kubernetes: ApiServer;
}

const SERVICE_CIDR = '10.100.0.0/16';

/** A new server with a namespace for every one the objects name. */
export function server(objects: readonly Plain[]): Server {
  const clock = new Simulation(1);
  const store: TwinStore = new Store<Kinds>();
  declareIndexes(store);
  const kubernetes = createKubernetes({
    store,
    clock,
    random: clock.random,
    serviceCidrs: { ipv4: SERVICE_CIDR },
  });
  kubernetes.create({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'kubernetes', namespace: 'default' },
    spec: { clusterIP: '10.100.0.1', ports: [{ name: 'https', port: 443, targetPort: 6443 }] },
  });
  for (const object of objects) {
    const metadata = object.metadata;
    const name = isPlain(metadata) ? metadata.namespace : undefined;
    if (typeof name !== 'string' || store.get('Namespace', name) !== undefined) continue;
    kubernetes.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }
  return { store, kubernetes };
}
