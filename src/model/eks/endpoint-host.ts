/** model/eks/endpoint-host — the name of a cluster's API server, without its scheme. */
import type { EksCluster } from './cluster.ts';

/** `0A….gr7.us-west-2.eks.amazonaws.com` of `https://0A….gr7.us-west-2.eks.amazonaws.com`. */
export const endpointHost = ({ endpoint }: Pick<EksCluster, 'endpoint'>): string =>
  endpoint.replace(/^https:\/\//, '').replace(/\/.*$/, '');
