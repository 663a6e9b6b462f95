/**
 * cluster/namespace-defaults — every namespace has a ServiceAccount `default` and the ConfigMap
 * `kube-root-ca.crt`, and gets them back.
 *
 * Upstream: kubernetes/kubernetes 1.30 pkg/controller/serviceaccount/serviceaccounts_controller.go,
 * pkg/controller/certificates/rootcacertpublisher/publisher.go.
 */
import type { Kinds, TwinStore } from '../model/kinds.ts';
import { type Controller, done, watch } from '../sim/controller.ts';
import type { Kubernetes } from './kubernetes.ts';

const ACCOUNT = 'default';
const ROOT_CA = 'kube-root-ca.crt';

const ROOT_CA_FILE = 'ca.crt';

/** A twin that nobody serves speaks no TLS: its certificate is a name, not a key. */
const NO_CERTIFICATE = '-----BEGIN CERTIFICATE-----\nekstwin\n-----END CERTIFICATE-----\n';

/** What new namespaces get is what kube-system has. */
const rootCertificate = (store: TwinStore): string =>
  store.get('ConfigMap', `kube-system/${ROOT_CA}`)?.data?.[ROOT_CA_FILE] ?? NO_CERTIFICATE;

/** Puts the authority that the API is served with into every namespace; writes what differs. */
export function publishRootCertificate(
  store: TwinStore,
  kubernetes: Kubernetes,
  certificate: string,
): void {
  for (const { metadata } of store.list('Namespace')) {
    const map = store.get('ConfigMap', `${metadata.name}/${ROOT_CA}`);
    if (map === undefined || map.data?.[ROOT_CA_FILE] === certificate) continue;
    kubernetes.update({ ...map, data: { ...map.data, [ROOT_CA_FILE]: certificate } });
  }
}

/** Requests are names of namespaces. */
export function namespaceDefaults(store: TwinStore, kubernetes: Kubernetes): Controller<Kinds> {
  const lost =
    (name: string) =>
    ({ key, value }: { readonly key: string; readonly value: unknown }): Iterable<string> =>
      value === undefined && key.endsWith(`/${name}`) ? [key.slice(0, key.indexOf('/'))] : [];
  return {
    name: 'namespace-defaults',
    watches: [
      watch<Kinds, 'Namespace'>('Namespace', ({ key, previous }) =>
        previous === undefined ? [key] : [],
      ),
      watch<Kinds, 'ServiceAccount'>('ServiceAccount', lost(ACCOUNT)),
      watch<Kinds, 'ConfigMap'>('ConfigMap', lost(ROOT_CA)),
    ],
    reconcile(namespace) {
      const found = store.get('Namespace', namespace);
      if (found === undefined || found.metadata.deletionTimestamp !== undefined) return done;
      if (store.get('ServiceAccount', `${namespace}/${ACCOUNT}`) === undefined) {
        const metadata = { name: ACCOUNT, namespace };
        kubernetes.create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata });
      }
      if (store.get('ConfigMap', `${namespace}/${ROOT_CA}`) === undefined) {
        kubernetes.create({
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: ROOT_CA, namespace },
          data: { [ROOT_CA_FILE]: rootCertificate(store) },
        });
      }
      return done;
    },
  };
}
