/**
 * model/kubernetes/known-annotation — the annotations and labels by which people steer load
 * balancers: who reads one, on what object, what value it takes, and what it becomes in AWS.
 */
import { editDistance, nearestWords } from '../nearest.ts';
import { KNOWN_ANNOTATIONS } from './known-annotations.data.ts';

/** What a value must look like; parsing itself is its reader's. */
export type AnnotationValue =
  | { readonly kind: 'text'; readonly lengthMax?: number; readonly pattern?: RegExp }
  | { readonly kind: 'truth' }
  | { readonly kind: 'number'; readonly min?: number; readonly max?: number }
  /** One of these words, case and all. */
  | { readonly kind: 'word'; readonly words: readonly string[] }
  /** A whole number, or one of these words, or the name of a Service's port. */
  | { readonly kind: 'port'; readonly words: readonly string[]; readonly named: boolean }
  /** `a,b`; a pattern is of each item. */
  | { readonly kind: 'list'; readonly pattern?: RegExp; readonly what?: string }
  /** `a=1,b=2`; keys when only these are known to AWS. */
  | { readonly kind: 'map'; readonly keys?: readonly string[] }
  | { readonly kind: 'json'; readonly shape: 'object' | 'list' };

/** Who acts on it. */
export type AnnotationReader =
  | 'load-balancer-controller'
  | 'in-tree'
  | 'external-dns'
  | 'kubernetes';

/** What part of a load balancer it steers. */
export type AnnotationLevel =
  | 'class'
  | 'group'
  | 'load-balancer'
  | 'security-group'
  | 'listener'
  | 'rule'
  | 'target-group'
  | 'frontend-nlb'
  | 'add-on'
  | 'name';

export interface KnownAnnotation {
  /** In full; a family ends in `*`: `alb.ingress.kubernetes.io/actions.*`. */
  readonly key: string;
  readonly on: readonly string[];
  readonly level: AnnotationLevel;
  readonly value: AnnotationValue;
  /** What holds without it, as its reader's manual says it. */
  readonly default?: string;
  /** The field of an IngressClassParams' spec that wins over it. */
  readonly classField?: string;
  /** How members of an IngressGroup may differ: not at all, or each adds its own. */
  readonly merge?: 'exclusive' | 'merge';
  readonly readers: readonly AnnotationReader[];
  /** The field of AWS's API that it becomes: `LoadBalancer.Scheme`. */
  readonly becomes: string;
  /** It is read, but something newer does the same: what to write instead. */
  readonly instead?: string;
  /** Nothing reads it any more, and since when. */
  readonly gone?: string;
  /** A label of the object, not an annotation. */
  readonly label?: true;
}

/** Prefixes whose every key is one of these; anything else under them is a slip. */
const OWN_PREFIXES = [
  'alb.ingress.kubernetes.io/',
  'service.beta.kubernetes.io/',
  'elbv2.k8s.aws/',
  'external-dns.alpha.kubernetes.io/',
] as const;

const byKey = new Map(KNOWN_ANNOTATIONS.map((it) => [it.key, it]));
const families = KNOWN_ANNOTATIONS.filter(({ key }) => key.endsWith('*'));

/** The entry of a key, or of the family it is of; undefined for a key nobody here reads. */
export function knownAnnotation(key: string): KnownAnnotation | undefined {
  const exact = byKey.get(key);
  if (exact !== undefined) return exact;
  return families.find((it) => key.length >= it.key.length && key.startsWith(it.key.slice(0, -1)));
}

/** True where an unknown key can only be a mistake. */
export const hasOwnPrefix = (key: string): boolean =>
  OWN_PREFIXES.some((prefix) => key.startsWith(prefix));

/** Edits of a slip of the finger; above that a word may as well be half of another. */
const SLIP_MAX = 2;

/**
 * Known keys nearest to a mistyped one, nearest first; names are compared within a prefix first, so
 * that `aws-load-balancer-target-type` finds `aws-load-balancer-nlb-target-type`.
 */
export function nearestAnnotations(key: string): string[] {
  const [prefix, suffix] = partsOf(key);
  const near = nearestWords(prefix, new Set(KNOWN_ANNOTATIONS.map((it) => partsOf(it.key)[0])), 1);
  const among = KNOWN_ANNOTATIONS.filter(
    (it) => it.gone === undefined && partsOf(it.key)[0] === (near[0] ?? prefix),
  );
  const suffixes = among.map((it) => partsOf(it.key)[1]);
  const words = nearestWords(suffix, suffixes);
  const slips = words.filter((it) => editDistance(suffix, it) <= SLIP_MAX);
  const holding = suffixes.filter((it) => it.includes(suffix) || suffix.includes(it));
  const found = [...new Set([...slips, ...holding, ...words])].slice(0, slips.length > 0 ? 1 : 2);
  return found.map((it) => among.find((known) => partsOf(known.key)[1] === it)!.key);
}

function partsOf(key: string): readonly [prefix: string, suffix: string] {
  const slash = key.indexOf('/');
  return slash < 0 ? ['', key] : [key.slice(0, slash), key.slice(slash + 1)];
}
