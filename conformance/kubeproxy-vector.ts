/** conformance/kubeproxy-vector — what a case of kube-proxy's vectors is about, in both modes. */

export interface KubeProxyNode {
  readonly hostname: string;
  readonly nodeIP: string;
  readonly addresses: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly detectLocal: string;
  readonly clusterCIDR: string;
  readonly interfacePrefix: string;
  readonly masqueradeAll: boolean;
  readonly nodePortAddresses: readonly string[] | null;
  readonly ipv6: boolean;
}

export interface KubeProxyFlow {
  readonly name: string;
  readonly sourceIP: string;
  readonly destIP: string;
  readonly destPort: number;
  readonly protocol: string;
  readonly output: string;
  readonly masq: boolean;
}
