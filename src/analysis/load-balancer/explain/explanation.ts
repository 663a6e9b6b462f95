/**
 * analysis/load-balancer/explain/explanation — what became of an Ingress or a Service: line by line
 * the field or annotation and the field of AWS it made; or why there is nothing.
 */
import type { ConsideredSubnet } from '../../../controllers/load-balancer/subnets/subnet-resolution.ts';
import type { Path } from '../../../formats/source.ts';
import type { Where } from '../../../model/input-error.ts';
import type { KubernetesObject } from '../../../model/kubernetes/meta.ts';
import type { Finding } from '../lint/finding.ts';

/** What a value of AWS came from. */
export interface Origin {
  /** `ing/shop/web`, `ingressclassparams/alb`; absent where the controller decided. */
  readonly object?: string | undefined;
  /** The annotation or field, or in words what the controller did without one. */
  readonly field: string;
  /** What it says there. */
  readonly said?: string | undefined;
  /** `file:line:column`, of objects that came from files. */
  readonly where?: Where | undefined;
}

/** One field of one AWS resource. */
export interface Mapping {
  readonly field: string;
  readonly value: string;
  readonly origin: Origin;
}

export interface ExplainedResource {
  /** `listener HTTPS:443`, `rule 2 of HTTP:80`. */
  readonly name: string;
  readonly mappings: readonly Mapping[];
}

/** Where and how subnets were looked for, with what became of each. */
export interface ExplainedSubnets {
  readonly source: string;
  /** The controller's words, when it found too few. */
  readonly problem?: string | undefined;
  readonly considered: readonly ConsideredSubnet[];
}

export interface Explanation {
  readonly object: string;
  /** Who takes it, and why. */
  readonly claim: string;
  readonly loadBalancer?:
    | { readonly name: string; readonly dnsName: string; readonly state: string }
    | undefined;
  readonly resources: readonly ExplainedResource[];
  /** Why there is nothing, or not all of it; the controller's own words among them. */
  readonly reasons: readonly string[];
  /** What to write instead, where it can be told; of other members of its group too. */
  readonly remedies?: readonly Finding[] | undefined;
  readonly subnets?: ExplainedSubnets | undefined;
}

/** Where an object's fields stand in the files it came from. */
export type Places = (object: KubernetesObject, path: Path) => Where | undefined;

/** `ing/shop/web`, as the command line names it. */
export function shortName({ kind, metadata: { namespace, name } }: KubernetesObject): string {
  const word = SHORT[kind] ?? kind.toLowerCase();
  return namespace === undefined ? `${word}/${name}` : `${word}/${namespace}/${name}`;
}

const SHORT: Readonly<Record<string, string>> = { Ingress: 'ing', Service: 'svc' };
