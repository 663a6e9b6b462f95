/**
 * shell/files/machine-files — the files that the kubelet, the kernel and the network plugin put
 * into a container or on a node.
 *
 * Upstream: kubernetes/kubernetes@v1.30.5 pkg/kubelet/kubelet_pods.go managedHostsFileContent,
 * pkg/volume/{configmap,secret,projected,downwardapi}; the token is a stand-in that the twin's own
 * API server knows by its shape.
 */
import { NODE_LOG_FILES, nodeFile } from '../../analysis/logs/node-file.ts';
import { resolvConfText } from '../../formats/linux/resolv-conf.ts';
import { ipsOfPod } from '../../model/kubernetes/addresses.ts';
import { CLUSTER_DOMAIN } from '../../model/kubernetes/cluster-domain.ts';
import type { Pod } from '../../model/kubernetes/core.ts';
import { type Host, namespaceOf } from '../host.ts';
import { dataOf } from './environment.ts';
import { FileSystem, type FileText } from './file-system.ts';

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
const POLICY_LOG = '/var/log/aws-routed-eni/network-policy-agent.log';

/** What a program there sees; what is written to it stays until the container goes. */
export function fileSystemOf(host: Host): FileSystem {
  const { pod, container } = host;
  const name =
    pod === undefined
      ? `node/${host.nodeName}`
      : `pod/${pod.metadata.uid ?? pod.metadata.name}/${container?.name ?? ''}`;
  return new FileSystem(filesOf(host), host.memory.disk(name));
}

function filesOf(host: Host): Map<string, FileText> {
  const files = commonFiles(host);
  const { pod } = host;
  if (pod === undefined) {
    for (const [path, text] of nodeFiles(host)) files.set(path, text);
    return files;
  }
  files.set('/etc/hosts', () => hostsText(pod));
  const { automountServiceAccountToken } = pod.spec;
  if (automountServiceAccountToken !== false)
    for (const [name, text] of serviceAccountFiles(host, pod))
      files.set(`${SERVICE_ACCOUNT}/${name}`, text);
  for (const mount of mountsOf(host)) {
    for (const [path, text] of mountedFiles(host, pod, mount)) files.set(path, text);
  }
  return files;
}

/** Of the kernel and the resolver: both in a container and on a node. */
function commonFiles(host: Host): Map<string, FileText> {
  const { names } = host.world.twin.datapath;
  const files = new Map<string, FileText>([
    ['/etc/resolv.conf', () => resolvConfText(names.resolverOf(host.vantage))],
    ['/etc/hostname', () => `${host.hostname}\n`],
    ['/etc/hosts', () => '127.0.0.1\tlocalhost\n::1\tlocalhost\n'],
    ['/etc/passwd', () => 'root:x:0:0:root:/root:/bin/sh\n'],
    ['/etc/group', () => 'root:x:0:\n'],
  ]);
  const namespace = namespaceOf(host);
  for (const [name, value] of Object.entries(namespace?.sysctls ?? {}))
    files.set(`/proc/sys/${name.replaceAll('.', '/')}`, () => `${value}\n`);
  for (const { name, macAddress, mtu } of namespace?.links ?? []) {
    files.set(`/sys/class/net/${name}/address`, () => `${macAddress}\n`);
    files.set(`/sys/class/net/${name}/mtu`, () => `${mtu}\n`);
    files.set(`/sys/class/net/${name}/operstate`, () => 'up\n');
  }
  return files;
}

function nodeFiles(host: Host): Map<string, FileText> {
  const agent = host.world.twin.nodeAgent(host.nodeName);
  const files = new Map<string, FileText>();
  for (const [path, text] of agent?.files ?? []) files.set(path, () => text);
  if (agent === undefined) return files;
  files.set(POLICY_LOG, () => host.memory.policyLog(host.nodeName));
  for (const path of NODE_LOG_FILES)
    files.set(path, () => nodeFile(host.world.twin, host.nodeName, path) ?? '');
  return files;
}

interface HostAlias {
  readonly ip?: string;
  readonly hostnames?: readonly string[];
}

function hostsText(pod: Pod): string {
  const { metadata, spec } = pod;
  const isHost = spec.hostNetwork === true;
  const lines = [
    isHost ? '# Kubernetes-managed hosts file (host network).' : '# Kubernetes-managed hosts file.',
    '127.0.0.1\tlocalhost',
    '::1\tlocalhost ip6-localhost ip6-loopback',
    'fe00::0\tip6-localnet',
    'fe00::0\tip6-mcastprefix',
    'fe00::1\tip6-allnodes',
    'fe00::2\tip6-allrouters',
  ];
  const name = spec.hostname ?? metadata.name;
  const whole =
    spec.subdomain === undefined
      ? ''
      : `${name}.${spec.subdomain}.${metadata.namespace}.svc.${CLUSTER_DOMAIN}\t`;
  if (!isHost) lines.push(...ipsOfPod(pod).map((ip) => `${ip}\t${whole}${name}`));
  const aliases = (spec.hostAliases ?? []) as readonly HostAlias[];
  if (aliases.length > 0) {
    lines.push('', '# Entries added by HostAliases.');
    for (const { ip = '', hostnames = [] } of aliases) lines.push(`${ip}\t${hostnames.join('\t')}`);
  }
  return `${lines.join('\n')}\n`;
}

/** The token names its owner, and is one to nobody but this twin. */
export const serviceAccountToken = (namespace: string, name: string): string =>
  `ekstwin.serviceaccount.${namespace}.${name}`;

function serviceAccountFiles(host: Host, { metadata, spec }: Pod): Map<string, FileText> {
  const { namespace = 'default' } = metadata;
  const { store } = host.world.twin;
  const account = spec.serviceAccountName ?? 'default';
  return new Map([
    ['namespace', () => namespace],
    ['token', () => serviceAccountToken(namespace, account)],
    ['ca.crt', () => dataOf(store, 'ConfigMap', `${namespace}/kube-root-ca.crt`)['ca.crt'] ?? ''],
  ]);
}

interface Mount {
  readonly name: string;
  readonly mountPath: string;
  readonly subPath?: string;
}

interface Item {
  readonly key: string;
  readonly path: string;
}

interface Source {
  readonly name?: string;
  readonly secretName?: string;
  readonly items?: readonly Item[];
}

interface Volume {
  readonly name: string;
  readonly configMap?: Source;
  readonly secret?: Source;
  readonly hostPath?: { readonly path: string };
  readonly projected?: { readonly sources?: readonly ProjectedSource[] };
}

interface ProjectedSource {
  readonly configMap?: Source;
  readonly secret?: Source;
  readonly serviceAccountToken?: { readonly path: string };
}

function mountsOf({ container }: Host): readonly Mount[] {
  const mounts = container?.volumeMounts;
  return Array.isArray(mounts) ? (mounts as Mount[]) : [];
}

function mountedFiles(host: Host, pod: Pod, mount: Mount): Map<string, FileText> {
  const volumes = (Array.isArray(pod.spec.volumes) ? pod.spec.volumes : []) as Volume[];
  const volume = volumes.find(({ name }) => name === mount.name);
  const inside =
    volume === undefined ? new Map<string, FileText>() : volumeFiles(host, pod, volume);
  const files = new Map<string, FileText>();
  const root = mount.mountPath.replace(/\/+$/, '');
  for (const [path, text] of inside) {
    if (mount.subPath === undefined) files.set(`${root}/${path}`, text);
    else if (path === mount.subPath) files.set(root, text);
    else if (path.startsWith(`${mount.subPath}/`))
      files.set(`${root}${path.slice(mount.subPath.length)}`, text);
  }
  return files;
}

function volumeFiles(host: Host, pod: Pod, volume: Volume): Map<string, FileText> {
  const { configMap, secret, hostPath, projected } = volume;
  if (configMap !== undefined) return dataFiles(host, pod, 'ConfigMap', configMap);
  if (secret !== undefined) return dataFiles(host, pod, 'Secret', secret);
  if (hostPath !== undefined) return filesOfNode(host, hostPath.path);
  const files = new Map<string, FileText>();
  for (const source of projected?.sources ?? []) {
    const token = source.serviceAccountToken;
    const account = pod.spec.serviceAccountName ?? 'default';
    if (token !== undefined)
      files.set(token.path, () =>
        serviceAccountToken(pod.metadata.namespace ?? 'default', account),
      );
    for (const kind of ['ConfigMap', 'Secret'] as const) {
      const from = kind === 'ConfigMap' ? source.configMap : source.secret;
      if (from === undefined) continue;
      for (const [path, text] of dataFiles(host, pod, kind, from)) files.set(path, text);
    }
  }
  return files;
}

function dataFiles(
  host: Host,
  { metadata }: Pod,
  kind: 'ConfigMap' | 'Secret',
  { name, secretName, items }: Source,
): Map<string, FileText> {
  const key = `${metadata.namespace ?? 'default'}/${secretName ?? name ?? ''}`;
  const data = (): Readonly<Record<string, string>> => dataOf(host.world.twin.store, kind, key);
  const chosen = items ?? Object.keys(data()).map((one) => ({ key: one, path: one }));
  return new Map(chosen.map((item) => [item.path, () => String(data()[item.key] ?? '')]));
}

/** What a hostPath volume shows of the node's files. */
function filesOfNode(host: Host, path: string): Map<string, FileText> {
  const root = path === '/' ? '' : path.replace(/\/+$/, '');
  const label = `node/${host.nodeName}` as const;
  const own: Host = {
    ...host,
    pod: undefined,
    container: undefined,
    hostname: host.nodeName,
    vantage: { kind: 'node', name: host.nodeName },
    origin: { kind: 'namespace', id: label, label },
  };
  const all = [...commonFiles(own), ...nodeFiles(own)];
  return new Map(
    all.flatMap(([file, text]) =>
      file.startsWith(`${root}/`) ? [[file.slice(root.length + 1), text] as const] : [],
    ),
  );
}
