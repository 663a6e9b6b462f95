/**
 * datapath/dns/kubernetes-request — which Service, endpoint or pod a name under the cluster's zone
 * means.
 *
 * Upstream: coredns/coredns@4b26cced3 plugin/kubernetes/parse.go parseRequest; the multicluster and
 * zonal forms are left out.
 */
import { labelsOf, withoutZone } from './domain-name.ts';

export interface KubernetesRequest {
  /** undefined: the zone itself, `svc` or `pod`: exists and holds nothing. */
  readonly kind: 'svc' | 'pod' | undefined;
  readonly namespace: string;
  /** Empty: the namespace itself. */
  readonly service: string;
  readonly endpoint: string;
  /** Without their underscores; empty: any. */
  readonly port: string;
  readonly protocol: string;
}

const NOTHING: KubernetesRequest = {
  kind: undefined,
  namespace: '',
  service: '',
  endpoint: '',
  port: '',
  protocol: '',
};

const withoutUnderscore = (label: string): string =>
  label.startsWith('_') ? label.slice(1) : label;

/**
 * @param name  lower case, in `zone`
 * @returns undefined when no object can have such a name: NXDOMAIN
 */
export function parseKubernetesName(name: string, zone: string): KubernetesRequest | undefined {
  const base = withoutZone(name, zone);
  if (base === '' || base === 'svc' || base === 'pod') return NOTHING;
  // A name like `..web.shop.svc` has empty labels on its left, which count.
  const labels = [...labelsOf(`${base}.`)];
  const kind = labels.pop();
  if (kind !== 'svc' && kind !== 'pod') return undefined;
  const [namespace = '', service = ''] = [labels.pop(), labels.pop()];
  const request = { ...NOTHING, kind, namespace, service } as const;
  const [first = '', second = ''] = labels;
  switch (labels.length) {
    case 0:
      return request;
    case 1:
      return { ...request, endpoint: first };
    case 2:
      return {
        ...request,
        port: withoutUnderscore(first),
        protocol: withoutUnderscore(second),
      };
    default:
      return undefined;
  }
}
