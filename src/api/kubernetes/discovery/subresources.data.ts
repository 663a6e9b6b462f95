/**
 * api/kubernetes/discovery/subresources.data — the subresources of built-in kinds besides status,
 * with their verbs, as discovery lists them.
 *
 * Upstream: kubernetes/kubernetes pkg/registry/core/rest/storage_core.go,
 * apps/rest/storage_apps.go.
 */

export interface Subresource {
  readonly name: string;
  readonly kind: string;
  /** Where its kind is of another group than the resource. */
  readonly group?: string;
  readonly version?: string;
  readonly verbs: readonly string[];
}

/** Custom resources may have it too. */
export const SCALE: Subresource = {
  name: 'scale',
  kind: 'Scale',
  group: 'autoscaling',
  version: 'v1',
  verbs: ['get', 'patch', 'update'],
};

const PROXY_VERBS = ['create', 'delete', 'get', 'patch', 'update'];

/** By plural and group. */
export const SUBRESOURCES: Readonly<Record<string, readonly Subresource[]>> = {
  namespaces: [{ name: 'finalize', kind: 'Namespace', verbs: ['update'] }],
  nodes: [{ name: 'proxy', kind: 'NodeProxyOptions', verbs: PROXY_VERBS }],
  pods: [
    { name: 'attach', kind: 'PodAttachOptions', verbs: ['create', 'get'] },
    { name: 'binding', kind: 'Binding', verbs: ['create'] },
    { name: 'ephemeralcontainers', kind: 'Pod', verbs: ['get', 'patch', 'update'] },
    { name: 'eviction', kind: 'Eviction', group: 'policy', version: 'v1', verbs: ['create'] },
    { name: 'exec', kind: 'PodExecOptions', verbs: ['create', 'get'] },
    { name: 'log', kind: 'Pod', verbs: ['get'] },
    { name: 'portforward', kind: 'PodPortForwardOptions', verbs: ['create', 'get'] },
    { name: 'proxy', kind: 'PodProxyOptions', verbs: PROXY_VERBS },
  ],
  replicationcontrollers: [SCALE],
  serviceaccounts: [
    {
      name: 'token',
      kind: 'TokenRequest',
      group: 'authentication.k8s.io',
      version: 'v1',
      verbs: ['create'],
    },
  ],
  services: [{ name: 'proxy', kind: 'ServiceProxyOptions', verbs: PROXY_VERBS }],
  'certificatesigningrequests.certificates.k8s.io': [
    { name: 'approval', kind: 'CertificateSigningRequest', verbs: ['get', 'patch', 'update'] },
  ],
  'deployments.apps': [SCALE],
  'replicasets.apps': [SCALE],
  'statefulsets.apps': [SCALE],
};

/** Kinds that are asked, never stored: a POST is answered, nothing else is served. */
export const REVIEWS: readonly {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
}[] = [
  ['authentication.k8s.io', 'selfsubjectreviews', 'SelfSubjectReview', false],
  ['authentication.k8s.io', 'tokenreviews', 'TokenReview', false],
  ['authorization.k8s.io', 'localsubjectaccessreviews', 'LocalSubjectAccessReview', true],
  ['authorization.k8s.io', 'selfsubjectaccessreviews', 'SelfSubjectAccessReview', false],
  ['authorization.k8s.io', 'selfsubjectrulesreviews', 'SelfSubjectRulesReview', false],
  ['authorization.k8s.io', 'subjectaccessreviews', 'SubjectAccessReview', false],
].map(([group, plural, kind, namespaced]) => ({
  group: group as string,
  version: 'v1',
  plural: plural as string,
  kind: kind as string,
  namespaced: namespaced as boolean,
}));
