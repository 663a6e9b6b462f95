/**
 * conformance/adapters/k8sapi-older — what a 1.20.2 API server's answer would be today.
 *
 * The create and patch vectors come from a real kube-apiserver 1.20.2; the product follows
 * 1.30.5. What
 * 1.20.2 did not know is dropped from what is asked and from what is answered; what both say in
 * different words is brought to the same words. Nothing here names a case.
 *
 * Sources: kubernetes/kubernetes v1.20.2 and v1.30.5 pkg/apis/core/validation/validation.go,
 * pkg/apis/core/v1/defaults.go; shared vectors README.md, "k8sapi".
 */
import type { StatusCause } from '../../src/cluster/kubernetes.ts';

export type Plain = Readonly<Record<string, unknown>>;

export const isPlain = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Fields by kind, as paths, that came after 1.20.2 or were behind a gate that was off there. */
const LATER: Readonly<Record<string, readonly string[]>> = {
  Service: [
    'spec.internalTrafficPolicy',
    'spec.ipFamilies',
    'spec.ipFamilyPolicy',
    'spec.loadBalancerClass',
    'spec.trafficDistribution',
    'spec.allocateLoadBalancerNodePorts',
  ],
  NetworkPolicy: ['spec.ingress.*.ports.*.endPort', 'spec.egress.*.ports.*.endPort', 'status'],
  Ingress: [],
  Deployment: [],
};

/** What the server makes up. */
const GENERATED = ['metadata.uid', 'metadata.creationTimestamp', 'metadata.resourceVersion'];

/** A copy without the value at a path; `*` stands for every item of a list. */
function without(value: unknown, path: readonly string[]): unknown {
  const [first, ...rest] = path;
  if (first === '*') return Array.isArray(value) ? value.map((it) => without(it, rest)) : value;
  if (first === undefined || !isPlain(value) || !(first in value)) return value;
  const { [first]: inner, ...others } = value;
  return rest.length === 0 ? others : { ...others, [first]: without(inner, rest) };
}

const withoutAll = (value: unknown, paths: readonly string[]): unknown =>
  paths.reduce<unknown>((it, path) => without(it, path.split('.')), value);

/** An object as 1.20.2 would have read it. */
export const asKnownThen = (object: Plain): Plain =>
  withoutAll(object, LATER[String(object.kind)] ?? []) as Plain;

/** Nulls and absent fields say the same; so do an empty template status and none. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isPlain(value)) return value;
  const entries = Object.entries(value).filter(([, it]) => it !== null && it !== undefined);
  return Object.fromEntries(entries.map(([key, it]) => [key, withoutNulls(it)]));
}

/**
 * An answered object with what may differ taken out: generated fields, later fields, and the policy
 * for outside traffic that 1.30 also gives ClusterIP Services with external addresses
 * (defaults.go:140 ExternallyAccessible).
 */
export function comparable(object: Plain): Plain {
  const known = withoutNulls(withoutAll(asKnownThen(object), GENERATED)) as Plain;
  const spec = known.spec;
  if (known.kind !== 'Service' || !isPlain(spec) || spec.type !== 'ClusterIP') return known;
  const { externalTrafficPolicy: _, ...others } = spec;
  return { ...known, spec: others };
}

/** The same complaint in the words of both versions. */
interface Reworded {
  readonly field: RegExp;
  readonly former: RegExp;
  readonly present: RegExp;
}

const ANY = /^/;

const REWORDED: readonly Reworded[] = [
  {
    field: /^spec\.healthCheckNodePort$/,
    former: /HealthCheckNodePort can only be set on LoadBalancer service/,
    present: /may only be set when `type` is 'LoadBalancer' and/,
  },
  {
    field: /^spec\.externalTrafficPolicy$/,
    former: /ExternalTrafficPolicy can only be set on NodePort and LoadBalancer service$/,
    present: /may only be set for externally-accessible services$/,
  },
  {
    field: /^spec\.externalTrafficPolicy$/,
    former: /ExternalTrafficPolicy must be empty, Cluster or Local$/,
    present: /^Unsupported value: .*supported values: "Cluster", "Local"$/,
  },
  {
    field: ANY,
    former: /may not be in the loopback range \(127\.0\.0\.0\/8\)$/,
    present: /may not be in the loopback range \(127\.0\.0\.0\/8, ::1\/128\)$/,
  },
  {
    field: /^spec\.clusterIPs$/,
    former: /must be empty when clusterIP is empty$/,
    present: /must be empty when `clusterIP` is not specified$/,
  },
  {
    field: /^spec\.clusterIPs$/,
    former: /(element \[0\]|first element|first value) must match clusterIP$/,
    present: /first value must match `clusterIP`$/,
  },
  {
    field: /^spec\.clusterIPs/,
    former: /(primary clusterIP|field is immutable|may not change once set)/,
    present: /may not change once set$/,
  },
  {
    field: /^spec\.clusterIPs$/,
    former: /failed to allocate.*provided IP is already allocated$/,
    present: /failed to allocate.*provided IP is already allocated$/,
  },
  {
    field: /^spec\.clusterIPs$/,
    former: /failed to allocate.*provided IP is not in the valid range\./,
    present: /failed to allocate.*the provided IP \(.*\) is not in the valid range\./,
  },
  {
    field: /source_?-?ranges/i,
    former: /must be a list of IP ranges/,
    present: /must be a valid CIDR value/,
  },
  {
    field: /ipBlock\.(cidr|except\[\d+\])$/,
    former: /not a valid CIDR$/,
    present: /must be a valid CIDR value/,
  },
  {
    field: /^spec\.(clusterIPs|ipFamilies|ipFamilyPolicy)$/,
    former: /(must|may) (not be set|be empty|be nil).* for ExternalName services/,
    present: /may not be set for ExternalName services$/,
  },
  {
    field: ANY,
    former: /may not be in the link-local range \(169\.254\.0\.0\/16\)$/,
    present: /may not be in the link-local range \(169\.254\.0\.0\/16, fe80::\/10\)$/,
  },
  {
    field: ANY,
    former: /may not be in the link-local multicast range \(224\.0\.0\.0\/24\)$/,
    present: /may not be in the link-local multicast range \(224\.0\.0\.0\/24, ff02::\/10\)$/,
  },
  {
    field: ANY,
    former: /must contain at least one letter or number \(a-z, 0-9\)$/,
    present: /must contain at least one letter \(a-z\)$/,
  },
  {
    field: /ingress\.class$/,
    former: /can not be set when the class field is also set$/,
    present: /must match `ingressClassName` when both are specified$/,
  },
];

/** Duplicate ports print a Go struct, whose fields grew between the versions. */
const goStructs = (message: string): string => message.replace(/\bcore\.\w+\{.*\}/s, 'core.{}');

/** A complaint as one line both versions would give. */
const oneCause = ({ field = '', message }: Partial<StatusCause> & { message: string }): string => {
  const index = REWORDED.findIndex(
    (it) => it.field.test(field) && (it.former.test(message) || it.present.test(message)),
  );
  if (index < 0) return `${field}: ${goStructs(message)}`;
  // A complaint about a list may have become one about its item.
  const at = /SourceRanges/i.test(field) ? 'spec.loadBalancerSourceRanges' : field;
  return `${at}: reworded #${index}`;
};

/** A refusal in words both versions share: code, reason, the object, and the causes. */
export function comparableStatus(status: Plain): Plain {
  const details = isPlain(status.details) ? status.details : {};
  const causes = (details.causes ?? []) as readonly StatusCause[];
  // The group `extensions` was another name of networking.k8s.io until 1.22.
  const group = details.group === 'extensions' ? 'networking.k8s.io' : details.group;
  return {
    code: status.code,
    // Go leaves an empty reason out.
    reason: status.reason || undefined,
    name: details.name,
    kind: details.kind,
    group,
    causes: [...new Set(causes.map(oneCause))].sort(),
    // The message repeats the causes; without causes it is all there is.
    message: causes.length > 0 ? undefined : status.message,
    form: causes.length > 0 ? messageForm(String(status.message)) : undefined,
  };
}

/** `Kind.group "name" is invalid: ` before the complaints. */
const messageForm = (message: string): string =>
  message
    .slice(0, message.indexOf(' is invalid: '))
    .replace(/^(\w+)\.extensions /, '$1.networking.k8s.io ');

/** A complaint of 1.20.2 that later versions make of fewer objects. */
interface Relaxed {
  readonly field: RegExp;
  readonly former: RegExp;
  /** True when a later version has nothing to say about this object. */
  readonly accepts: (object: Plain) => boolean;
}

const INGRESS_CLASS = 'kubernetes.io/ingress.class';

const RELAXED: readonly Relaxed[] = [
  {
    // networking/validation.go ValidateIngressCreate: both may be set when they say the same.
    field: /ingress\.class$/,
    former: /can not be set when the class field is also set$/,
    accepts: ({ metadata, spec }) => {
      const annotations = isPlain(metadata) ? metadata.annotations : undefined;
      const annotated = isPlain(annotations) ? annotations[INGRESS_CLASS] : undefined;
      return isPlain(spec) && annotated === spec.ingressClassName;
    },
  },
];

/** True when everything 1.20.2 complained of is no mistake any more. */
export function isAcceptedToday(object: Plain, refusal: Plain): boolean {
  const details = isPlain(refusal.details) ? refusal.details : {};
  const causes = (details.causes ?? []) as readonly StatusCause[];
  const isRelaxed = ({ field, message }: StatusCause): boolean =>
    RELAXED.some((it) => it.field.test(field) && it.former.test(message) && it.accepts(object));
  return causes.length > 0 && causes.every(isRelaxed);
}
