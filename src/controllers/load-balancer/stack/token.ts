/**
 * controllers/load-balancer/stack/token — a text of a spec that is known now, or only when another
 * resource of the stack is deployed.
 *
 * Upstream: aws-load-balancer-controller@225f4456 pkg/model/core/token_types.go,
 * pkg/model/acm/certificate.go NewExistingCertificate.
 */
import type { ResourceType } from './stack.ts';

/** A field of another resource's status: `loadBalancerARN`, `groupID`, `targetGroupARN`… */
export interface FieldOf {
  readonly resourceType: ResourceType;
  readonly resourceId: string;
  readonly field: string;
}

/** A certificate that exists: the controller prints a reference to nothing in its place. */
export interface ExistingCertificate {
  readonly certificateArn: string;
}

export type Token = string | FieldOf | ExistingCertificate;

/** A reference to `field` of a resource's status. */
export const fieldOf = (
  resourceType: ResourceType,
  resourceId: string,
  field: string,
): FieldOf => ({ resourceType, resourceId, field });

/**
 * The text a token stands for.
 *
 * @param status  the field of a deployed resource's status; undefined while it is not deployed
 */
export function resolveToken(
  token: Token,
  status: (reference: FieldOf) => string | undefined,
): string | undefined {
  if (typeof token === 'string') return token;
  return 'certificateArn' in token ? token.certificateArn : status(token);
}

/** As the stack's JSON shows it: a text, or `{"$ref": …}`. */
export function tokenJson(token: Token): string | { readonly $ref: string } {
  if (typeof token === 'string') return token;
  if ('certificateArn' in token) return { $ref: '#/resources///status/certificateARN' };
  const { resourceType, resourceId, field } = token;
  return { $ref: `#/resources/${resourceType}/${resourceId}/status/${field}` };
}

/** True for a token that is no text of its own. */
export const isReference = (value: object): value is FieldOf | ExistingCertificate =>
  'resourceType' in value || 'certificateArn' in value;
