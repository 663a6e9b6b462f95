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

/** The twin speaks no TLS, so the certificate is a name, not a key. */
const ROOT_CERTIFICATE = '-----BEGIN CERTIFICATE-----\nekstwin\n-----END CERTIFICATE-----\n';

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
          data: { 'ca.crt': ROOT_CERTIFICATE },
        });
      }
      return done;
    },
  };
}
