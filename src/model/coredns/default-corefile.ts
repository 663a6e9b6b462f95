/**
 * model/coredns/default-corefile — the Corefile of the EKS add-on; `cache 30` and no `ttl`, so
 * records live 5 s.
 *
 * Upstream: eksctl-io/eksctl@99984adb6 pkg/addons/default/assets/coredns-1.30…1.36.json.
 */
import { CLUSTER_DOMAIN } from '../kubernetes/cluster-domain.ts';

export const DEFAULT_COREFILE = `.:53 {
    errors
    health {
        lameduck 5s
      }
    ready
    kubernetes ${CLUSTER_DOMAIN} in-addr.arpa ip6.arpa {
      pods insecure
      fallthrough in-addr.arpa ip6.arpa
    }
    prometheus :9153
    forward . /etc/resolv.conf
    cache 30
    loop
    reload
    loadbalance
}
`;
