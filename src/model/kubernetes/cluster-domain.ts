/** model/kubernetes/cluster-domain — the domain that EKS gives every cluster's Services and pods. */

export const CLUSTER_DOMAIN = 'cluster.local';

/** `web.shop.svc.cluster.local`. */
export const serviceHost = (namespace: string, name: string): string =>
  `${name}.${namespace}.svc.${CLUSTER_DOMAIN}`;
