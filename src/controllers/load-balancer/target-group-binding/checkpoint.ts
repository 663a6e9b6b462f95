/**
 * load-balancer/target-group-binding/checkpoint — what a binding looked like when it was last
 * brought into AWS, as the controller writes it into an annotation: hashes of its endpoints and of
 * its spec. The same again means nothing to do, so what somebody changed in AWS stays unnoticed.
 *
 * Upstream: aws-load-balancer-controller@225f4456 pkg/targetgroupbinding/utils.go,
 * pkg/algorithm/hash.go.
 */
import type { TargetGroupBinding } from '../../../model/kubernetes/load-balancer.ts';
import { EPOCH_MS, parseTimestamp } from '../../../model/time.ts';
import { sha256 } from '../../../sim/sha256.ts';
import type { NodeEndpoint } from './node-endpoints.ts';
import type { PodEndpoint } from './pod-endpoints.ts';

export const CHECKPOINT = 'elbv2.k8s.aws/checkpoint';
export const CHECKPOINT_TIMESTAMP = 'elbv2.k8s.aws/checkpoint-timestamp';

type Endpoints = readonly PodEndpoint[] | readonly NodeEndpoint[];

/** The checkpoint of a binding with these endpoints. */
export function checkpointOf(binding: TargetGroupBinding, endpoints: Endpoints): string {
  const ids = endpoints.map((it) => `${targetIdOf(it)}:${createdAtMs(it)}`);
  return `${hash(ids.sort().join(','))}/${hash(goJson(SPEC, binding.spec))}`;
}

/** `10.0.1.7:8080`, `i-0abc:31234`: what makes an endpoint and a target the same. */
export const targetIdOf = (endpoint: PodEndpoint | NodeEndpoint): string =>
  'pod' in endpoint ? `${endpoint.ip}:${endpoint.port}` : `${endpoint.instanceId}:${endpoint.port}`;

/** Milliseconds on the calendar: an address that another pod got is another endpoint. */
function createdAtMs(endpoint: PodEndpoint | NodeEndpoint): number {
  const { metadata } = 'pod' in endpoint ? endpoint.pod : endpoint.node;
  const atMs = parseTimestamp(metadata.creationTimestamp ?? '');
  return atMs === undefined ? GO_ZERO_TIME_MS : EPOCH_MS + atMs;
}

/** Unix milliseconds of Go's zero time, 0001-01-01. */
const GO_ZERO_TIME_MS = -62_135_596_800_000;

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** SHA-256 in base64url without padding. */
function hash(text: string): string {
  const bytes = sha256(text);
  let out = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const [a, b, c] = [bytes[i]!, bytes[i + 1], bytes[i + 2]];
    out += ALPHABET[a >> 2]! + ALPHABET[((a & 3) << 4) | ((b ?? 0) >> 4)]!;
    if (b !== undefined) out += ALPHABET[((b & 15) << 2) | ((c ?? 0) >> 6)]!;
    if (c !== undefined) out += ALPHABET[c & 63]!;
  }
  return out;
}

/** A Go struct's fields in their order: a value, another struct, or a list of one. */
type Struct = readonly (readonly [
  field: string,
  of?: Struct | 'map' | undefined,
  always?: 'always',
])[];

const PEER: Struct = [
  ['ipBlock', [['cidr', undefined, 'always']]],
  ['securityGroup', [['groupID', undefined, 'always']]],
];
const RULE: Struct = [
  ['from', PEER, 'always'],
  ['ports', [['protocol'], ['port']], 'always'],
];
const REQUIREMENT: Struct = [
  ['key', undefined, 'always'],
  ['operator', undefined, 'always'],
  ['values'],
];
const SPEC: Struct = [
  ['targetGroupARN'],
  ['targetGroupName'],
  ['multiClusterTargetGroup'],
  ['targetType'],
  ['targetGroupProtocol'],
  [
    'serviceRef',
    [
      ['name', undefined, 'always'],
      ['port', undefined, 'always'],
    ],
    'always',
  ],
  ['networking', [['ingress', RULE]]],
  [
    'nodeSelector',
    [
      ['matchLabels', 'map'],
      ['matchExpressions', REQUIREMENT],
    ],
  ],
  ['ipAddressType'],
  ['vpcID'],
  ['iamRoleArnToAssume'],
  ['assumeRoleExternalId'],
];

/** A value as Go's encoding/json writes the struct, `omitempty` but for fields that are `always`. */
function goJson(struct: Struct | 'map' | undefined, value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((it) => goJson(struct, it)).join(',')}]`;
  if (struct === undefined || typeof value !== 'object' || value === null) return scalar(value);
  const fields: Struct =
    struct === 'map'
      ? Object.keys(value)
          .sort()
          .map((key) => [key, undefined, 'always'] as const)
      : struct;
  const written = fields.flatMap(([field, of, always]) => {
    const its = (value as Readonly<Record<string, unknown>>)[field];
    if (always === undefined && isEmpty(its, of)) return [];
    return [`${scalar(field)}:${goJson(of, its)}`];
  });
  return `{${written.join(',')}}`;
}

/** omitempty: nothing, false, an empty text, list or map; never a struct behind a pointer. */
function isEmpty(value: unknown, of: Struct | 'map' | undefined): boolean {
  if (value === undefined || value === null || value === false || value === '') return true;
  if (Array.isArray(value)) return value.length === 0;
  return of === 'map' && Object.keys(value as object).length === 0;
}

/** Go escapes what could end a script in a page. */
const scalar = (value: unknown): string =>
  JSON.stringify(value ?? null).replace(/[<>&]/g, (it) => `\\u00${it.charCodeAt(0).toString(16)}`);
