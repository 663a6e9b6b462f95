/**
 * api/kubernetes/version-page — `/version`: the version of the cluster, as EKS says it.
 *
 * Upstream: kubernetes/apimachinery pkg/version/types.go.
 */
import type { ServiceState } from './api-request.ts';

/** What a twin without an EKS cluster (exports alone) says it is. */
const VERSION_UNKNOWN = '1.33';

const versionOf = ({ running }: ServiceState): readonly string[] =>
  (running.twin.store.list('eks/cluster')[0]?.version ?? VERSION_UNKNOWN).split('.');

/** 33 of 1.33. */
export const minorOf = (state: ServiceState): number => Number(versionOf(state)[1]);

export function versionPage(state: ServiceState) {
  const { running } = state;
  const [major = '1', minor = '33'] = versionOf(state);
  const kubelet = running.twin.store.list('Node')[0]?.status?.nodeInfo?.kubeletVersion;
  const isSame = kubelet?.startsWith(`v${major}.${minor}.`) === true;
  return {
    major,
    minor,
    gitVersion: isSame ? kubelet : `v${major}.${minor}.0-eks-ekstwin`,
    gitCommit: 'ekstwin',
    gitTreeState: 'clean',
    buildDate: '2026-01-01T00:00:00Z',
    goVersion: 'none: this is ekstwin',
    compiler: 'none',
    platform: 'linux/amd64',
  };
}
