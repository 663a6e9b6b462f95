/**
 * analysis/logs/kube-proxy-log — what kube-proxy and metrics-server print when they start.
 *
 * Upstream: kubernetes/kubernetes 1.33 cmd/kube-proxy/app/server.go, pkg/proxy/config/config.go;
 * kubernetes-sigs/metrics-server pkg/server, k8s.io/apiserver pkg/server/secure_serving.go.
 */
import type { Pod } from '../../model/kubernetes/core.ts';
import type { LogLine } from '../../twin/log-book.ts';
import type { Twin } from '../../twin/twin.ts';
import { klog } from './log-formats.ts';

const CACHES = ['service config', 'endpoint slice config', 'node config'];

/** Container kube-proxy. */
export function kubeProxyLog(twin: Twin, pod: Pod, startedMs: number): readonly LogLine[] {
  const config = twin.store.get('ConfigMap', 'kube-system/kube-proxy-config')?.data?.config ?? '';
  const mode = /^mode: "?(\w+)"?/m.exec(config)?.[1] ?? 'iptables';
  const isSix = pod.status?.hostIP?.includes(':') === true;
  const version = /:(v[^@]+)/.exec(pod.spec.containers[0]?.image ?? '')?.[1] ?? '';
  const ips = JSON.stringify([pod.status?.hostIP ?? '']);
  return [
    klog(startedMs, 'server_linux.go:63', `"Using ${mode} proxy"`),
    klog(startedMs, 'server.go:715', `"Successfully retrieved node IP(s)" IPs=${ips}`),
    klog(startedMs, 'conntrack.go:60', '"Setting nf_conntrack_max" nfConntrackMax=131072'),
    klog(
      startedMs,
      'server.go:243',
      `"kube-proxy running in dual-stack mode" primary ipFamily="${isSix ? 'IPv6' : 'IPv4'}"`,
    ),
    klog(startedMs, 'server_linux.go:145', `"Using ${mode} Proxier"`),
    klog(startedMs, 'server.go:516', `"Version info" version="${version}"`),
    ...CACHES.map((name) => klog(startedMs, 'config.go:199', `"Starting ${name} controller"`)),
    ...CACHES.map((name) =>
      klog(startedMs, 'shared_informer.go:357', `"Caches are synced" controller="${name}"`),
    ),
  ];
}

/** Container metrics-server. */
export const metricsServerLog = (startedMs: number): readonly LogLine[] => [
  klog(
    startedMs,
    'serving.go:380',
    'Generated self-signed cert (/tmp/apiserver.crt, /tmp/apiserver.key)',
  ),
  klog(
    startedMs,
    'handler.go:288',
    'Adding GroupVersion metrics.k8s.io v1beta1 to ResourceManager',
  ),
  klog(startedMs, 'requestheader_controller.go:180', 'Starting RequestHeaderAuthRequestController'),
  klog(startedMs, 'secure_serving.go:211', 'Serving securely on [::]:10251'),
];
