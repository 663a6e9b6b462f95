/**
 * load-balancer/gateway/model/add-ons — web ACL, Shield and reserved capacity: wanted, or taken
 * back where the Gateway's annotations say that it has them. Declared in the stack; no firewall is
 * simulated.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445 pkg/gateway/model/addons/,
 * controllers/gateway/addons.go.
 */
import type { Gateway } from '../../../../model/kubernetes/gateway.ts';
import type { LoadBalancerConfigurationSpec } from '../../../../model/kubernetes/gateway-configuration.ts';
import { LOAD_BALANCER, LOAD_BALANCER_ARN } from '../../ingress/group-build.ts';
import type { Stack } from '../../stack/stack.ts';

const PREFIX = 'gateway.k8s.aws.addon.';

export const ADD_ONS = {
  application: ['wafv2', 'shield', 'provisionedcapacity'] as const,
  network: ['provisionedcapacity'] as const,
};
export type AddOn = (typeof ADD_ONS)['application'][number];

/** What a Gateway's load balancer is to have beside itself. */
export interface AddOns {
  readonly enabled: readonly AddOn[];
  /** Wanted, or to be taken back: empty. */
  readonly webAclArn?: string | undefined;
  readonly shield?: boolean | undefined;
  readonly minimumLoadBalancerCapacity?: { readonly capacityUnits: number } | undefined;
}

/** The annotation that an add-on is there. */
export const addOnAnnotation = (addOn: AddOn): string => `${PREFIX}${addOn}`;

/** The add-ons that the Gateway's annotations say it has. */
export const addOnsHeld = ({ metadata }: Gateway): readonly AddOn[] =>
  ADD_ONS.application.filter((it) => TRUE.has(metadata.annotations?.[addOnAnnotation(it)] ?? ''));

/** Go's words for true. */
const TRUE: ReadonlySet<string> = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);

/** @param configuration  empty where the Gateway goes */
export function addOnsOf(
  type: 'application' | 'network',
  { minimumLoadBalancerCapacity, shieldConfiguration, wafV2 }: LoadBalancerConfigurationSpec,
  held: readonly AddOn[],
): AddOns {
  const known: readonly AddOn[] = ADD_ONS[type];
  const capacityUnits = minimumLoadBalancerCapacity?.capacityUnits ?? 0;
  const wanted: Readonly<Record<AddOn, boolean>> = {
    wafv2: (wafV2?.webACL ?? '') !== '',
    shield: shieldConfiguration?.enabled === true,
    provisionedcapacity: capacityUnits !== 0,
  };
  const isTold = (it: AddOn): boolean => known.includes(it) && (wanted[it] || held.includes(it));
  return {
    enabled: known.filter((it) => wanted[it]),
    webAclArn: isTold('wafv2') ? (wafV2?.webACL ?? '') : undefined,
    shield: isTold('shield') ? wanted.shield : undefined,
    minimumLoadBalancerCapacity: isTold('provisionedcapacity') ? { capacityUnits } : undefined,
  };
}

/** Adds what is an own resource. */
export function addAddOns(stack: Stack, { shield, webAclArn }: AddOns): void {
  const resourceARN = LOAD_BALANCER_ARN;
  if (webAclArn !== undefined) {
    stack.add('AWS::WAFv2::WebACLAssociation', LOAD_BALANCER, {
      webACLARN: webAclArn,
      resourceARN,
    });
  }
  if (shield !== undefined) {
    stack.add('AWS::Shield::Protection', LOAD_BALANCER, { enabled: shield, resourceARN });
  }
}
