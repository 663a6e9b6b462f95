/** test/wire/fuzz/kubernetes-requests — requests to a Kubernetes API that nobody should make. */
import type { Dice } from './chance.ts';
import type { Asked } from './raw-requests.ts';

const COLLECTIONS = [
  '/api/v1/pods',
  '/api/v1/namespaces/default/pods',
  '/api/v1/namespaces/default/services',
  '/api/v1/nodes',
  '/api/v1/namespaces',
  '/api/v1/events',
  '/api/v1/namespaces/default/configmaps',
  '/apis/apps/v1/namespaces/default/deployments',
  '/apis/apps/v1/daemonsets',
  '/apis/networking.k8s.io/v1/namespaces/default/networkpolicies',
  '/apis/networking.k8s.io/v1/namespaces/default/ingresses',
  '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
  '/apis/crd.k8s.amazonaws.com/v1alpha1/eniconfigs',
  '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices',
  '/apis/nope.example.com/v1/things',
  '/apis/batch/v1/namespaces/default/jobs',
  '/apis/rbac.authorization.k8s.io/v1/clusterroles',
];
const PAGES = [
  '/',
  '/api',
  '/apis',
  '/api/v1',
  '/apis/apps/v1',
  '/openapi/v2',
  '/openapi/v3',
  '/version',
  '/healthz',
  '/readyz',
  '/livez',
  '/metrics',
];
const NAMES = [
  'web',
  'nobody',
  'kubernetes',
  'default',
  'coredns',
  'UPPER',
  'a.b',
  '-',
  'x'.repeat(260),
  '%00',
  '..',
  '%2e%2e%2f',
  '%',
];
const SUBRESOURCES = [
  'status',
  'scale',
  'log',
  'exec',
  'attach',
  'portforward',
  'eviction',
  'binding',
  'token',
  'finalize',
  'proxy',
  'ephemeralcontainers',
  'nope',
  'resize',
];
const METHODS = [
  'GET',
  'GET',
  'POST',
  'POST',
  'PUT',
  'PATCH',
  'PATCH',
  'DELETE',
  'HEAD',
  'OPTIONS',
  'TRACE',
  'PROPFIND',
  'LOCK',
];
const PATCHES = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
  'application/apply-patch+cbor',
];
const TYPES = [
  ...PATCHES,
  ...PATCHES,
  'application/json',
  'application/json',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
  'application/cbor',
  'text/plain',
  ';;;',
  'application/json; charset=utf-16',
  '',
];
const ACCEPTS = [
  'application/json',
  '*/*',
  '',
  'application/vnd.kubernetes.protobuf',
  'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
  'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
  'application/json;as=Nope;v=v9',
  'text/html',
  ',,;;q=',
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
  'application/com.github.proto-openapi.spec.v2@v1.0+protobuf',
];
const QUERIES = [
  'limit',
  'continue',
  'resourceVersion',
  'resourceVersionMatch',
  'labelSelector',
  'fieldSelector',
  'dryRun',
  'fieldManager',
  'fieldValidation',
  'force',
  'propagationPolicy',
  'gracePeriodSeconds',
  'orphanDependents',
  'sendInitialEvents',
  'allowWatchBookmarks',
  'timeoutSeconds',
  'pretty',
  'tailLines',
  'limitBytes',
  'sinceSeconds',
  'sinceTime',
  'follow',
  'container',
  'command',
  'stdin',
  'stdout',
  'tty',
  'ports',
];
const VALUES = [
  '0',
  '-1',
  '1',
  'abc',
  'All',
  'Strict',
  'true',
  'Exact',
  'NotOlderThan',
  'a=b',
  'a in (b',
  '!',
  'metadata.name=web',
  'spec.nodeName!=',
  'status.phase',
  '9223372036854775808',
  'eyJ2IjoibWV0YS5rOHMuaW8vdjEifQ',
  'Foreground',
  '',
];

const POD = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'fuzz', namespace: 'default', labels: { app: 'fuzz' } },
  spec: {
    containers: [
      {
        name: 'c',
        image: 'nginx',
        ports: [{ containerPort: 80 }],
        env: [{ name: 'A', value: 'b' }],
      },
    ],
  },
};
const OBJECTS: readonly unknown[] = [
  POD,
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'fuzz', namespace: 'default' },
    spec: {
      selector: { app: 'web' },
      type: 'NodePort',
      ports: [{ port: 80, targetPort: 'http', protocol: 'TCP' }],
    },
  },
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'fuzz', namespace: 'default' },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: 'fuzz' } },
      template: { metadata: { labels: { app: 'fuzz' } }, spec: POD.spec },
    },
  },
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'fuzz', namespace: 'default' },
    spec: {
      podSelector: {},
      policyTypes: ['Ingress'],
      ingress: [
        {
          from: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } }],
          ports: [{ port: 80, endPort: 90 }],
        },
      ],
    },
  },
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {
      name: 'fuzz',
      namespace: 'default',
      annotations: { 'alb.ingress.kubernetes.io/scheme': 'internal' },
    },
    spec: {
      ingressClassName: 'alb',
      rules: [
        {
          host: 'a.example.com',
          http: {
            paths: [
              {
                path: '/',
                pathType: 'Prefix',
                backend: { service: { name: 'fuzz', port: { number: 80 } } },
              },
            ],
          },
        },
      ],
    },
  },
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'fuzz', namespace: 'default' },
    data: { a: 'b' },
  },
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'fuzz' } },
  {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'things.nope.example.com' },
    spec: {
      group: 'nope.example.com',
      names: { plural: 'things', kind: 'Thing' },
      scope: 'Namespaced',
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: { spec: { type: 'object', properties: { size: { type: 'integer' } } } },
            },
          },
        },
      ],
    },
  },
  { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'web', namespace: 'default' } },
  {
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name: 'web', namespace: 'default' },
    spec: { replicas: 2 },
  },
  {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes: { verb: 'get', resource: 'pods' } },
  },
  {
    kind: 'DeleteOptions',
    apiVersion: 'v1',
    gracePeriodSeconds: 0,
    propagationPolicy: 'Background',
    preconditions: { uid: 'x' },
  },
];
const JSON_PATCH = [
  { op: 'replace', path: '/spec/replicas', value: 1 },
  { op: 'add', path: '/metadata/labels/a', value: 'b' },
];

/** @param token  what lets the server read on; most requests have it */
export function kubernetesRequest(dice: Dice, token: string): Asked {
  const collection = dice.isLucky(0.05) ? dice.one(PAGES) : dice.one(COLLECTIONS);
  const parts = [collection];
  if (dice.isLucky(0.5)) {
    parts.push(dice.isLucky(0.2) ? encodeURI(wellFormed(dice.text())) : dice.one(NAMES));
    if (dice.isLucky(0.4)) parts.push(dice.one(SUBRESOURCES));
    if (dice.isLucky(0.05)) parts.push('', '..', 'x');
  }
  const queries = Array.from({ length: dice.below(4) }, () => {
    const value = dice.isLucky(0.7) ? dice.one(VALUES) : wellFormed(dice.text());
    return `${dice.one(QUERIES)}=${dice.isLucky(0.9) ? encodeURIComponent(value) : value.replaceAll('#', '')}`;
  });
  const path = parts.join('/') + (queries.length > 0 ? `?${queries.join('&')}` : '');
  const method = dice.one(METHODS);
  const type = method === 'PATCH' && dice.isLucky(0.8) ? dice.one(PATCHES) : dice.one(TYPES);
  const headers: [string, string][] = [
    ['Authorization', dice.isLucky(0.97) ? `Bearer ${token}` : `Bearer ${wellFormed(dice.text())}`],
    ['Content-Type', type],
    ['Accept', dice.one(ACCEPTS)],
  ];
  if (dice.isLucky(0.03)) headers.push(['Content-Encoding', dice.one(['gzip', 'br', 'nope'])]);
  if (dice.isLucky(0.03)) headers.push(['Accept-Encoding', 'gzip']);
  if (dice.isLucky(0.02)) headers.push(['Impersonate-User', dice.text()]);
  const isReading = method === 'GET' || method === 'HEAD';
  return {
    method,
    path,
    headers,
    body: isReading && dice.isLucky(0.9) ? Buffer.alloc(0) : body(dice, type),
  };
}

const wellFormed = (text: string): string => Buffer.from(text).toString();

function body(dice: Dice, type: string): Buffer {
  const object = type.startsWith('application/json-patch') ? JSON_PATCH : dice.one(OBJECTS);
  switch (dice.below(12)) {
    case 0:
      return Buffer.alloc(0);
    case 1:
      return dice.bytes(dice.below(200));
    case 2:
      return Buffer.concat([Buffer.from('k8s\0'), dice.bytes(dice.below(120))]);
    case 3: {
      const text = JSON.stringify(object);
      return Buffer.from(text.slice(0, dice.below(text.length)));
    }
    case 4:
      return Buffer.from(dice.one(['[', '{"a":']).repeat(1 + dice.below(3_000)));
    case 5:
      return Buffer.from(`${'{"metadata":'.repeat(200)}1${'}'.repeat(200)}`);
    case 6:
      return Buffer.from(
        dice.one([
          'a: &a [*a]',
          'a: *b',
          '- - - x',
          '%YAML 9',
          'x: !!js/function y',
          '"\\ud800"',
          '1e999',
          '\u0000',
        ]),
      );
    case 7:
      return Buffer.from(JSON.stringify(dice.value(4)) ?? '');
    default: {
      let mutated: unknown = object;
      for (let times = dice.below(3); times >= 0; times--) mutated = dice.mutated(mutated);
      return Buffer.from(JSON.stringify(mutated) ?? 'null');
    }
  }
}
