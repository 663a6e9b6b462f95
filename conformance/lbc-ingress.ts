/**
 * conformance/lbc-ingress — what the load balancer controller's vectors say of a group of Ingresses
 * and of its settings, as our nouns.
 *
 * Schema: shared vectors lbc/README.md.
 */
import { FEATURE_GATES } from '../src/controllers/load-balancer/config/flags.data.ts';
import type {
  ClassifiedIngress,
  IngressGroup,
} from '../src/controllers/load-balancer/ingress/group.ts';
import {
  type ControllerSettings,
  defaultSettings,
} from '../src/controllers/load-balancer/settings/settings.ts';
import type { Ingress, IngressClassParams } from '../src/model/kubernetes/ingress.ts';
import { type Json, listOf } from './lbc-aws.ts';

/** An Ingress as upstream's structs have it, with its class. */
export const memberOf = (json: Json): ClassifiedIngress => {
  const config = (json.ingClassConfig ?? {}) as Json;
  return classifiedOf(ingressOf(json.ing), config.ingClass, config.ingClassParams);
};

/** An Ingress with its class, named where the vector does not name it. */
export const classifiedOf = (
  ingress: Ingress,
  ingressClass: unknown,
  params: unknown,
): ClassifiedIngress => ({
  ingress,
  ingressClass: ingressClass as ClassifiedIngress['ingressClass'],
  params:
    params == null
      ? undefined
      : ({ metadata: { name: '' }, ...(params as object) } as IngressClassParams),
});

/** An Ingress with the members that Go has even where nobody writes them. */
export function ingressOf(json: unknown): Ingress {
  const ingress = (json ?? {}) as Ingress;
  return {
    ...ingress,
    metadata: { ...ingress.metadata, name: ingress.metadata?.name ?? '' },
    spec: ingress.spec ?? {},
  };
}

/** A group as upstream's struct has it. */
export function groupOf(json: Json): IngressGroup {
  const id = (json.id ?? {}) as { readonly namespace?: string; readonly name?: string };
  return {
    id: { namespace: id.namespace ?? '', name: id.name ?? '' },
    members: listOf(json.members).map(memberOf),
    inactiveMembers: listOf(json.inactiveMembers).map(ingressOf),
  };
}

/** Settings as tables name them, the rest as upstream's tests have it. */
export function settingsOf(config: Json): ControllerSettings {
  const defaults = defaultSettings({
    clusterName: String(config.clusterName ?? 'cluster-dummy'),
    vpcId: String(config.vpcID ?? 'vpc-dummy'),
    region: 'us-west-2',
  });
  const gates = (config.featureGates ?? {}) as Readonly<Record<string, boolean>>;
  return {
    ...defaults,
    featureGates: {
      ...FEATURE_GATES,
      ...(typeof gates === 'object' ? gates : {}),
      EnableIPTargetType: config.enableIPTargetType !== false,
    },
    defaultTags: (config.defaultTags ?? {}) as ControllerSettings['defaultTags'],
    externalManagedTags: (config.externalManagedTags ?? []) as readonly string[],
    defaultTargetType: String(config.defaultTargetType ?? 'instance'),
    defaultLoadBalancerScheme: String(config.defaultLoadBalancerScheme ?? 'internal'),
    defaultSslPolicy: String(config.defaultSSLPolicy ?? defaults.defaultSslPolicy),
    enableBackendSecurityGroup: config.enableBackendSG !== false,
    enableManageBackendSecurityGroupRules: config.enableManageBackendSGRules === true,
    disableRestrictedSgRules: config.disableRestrictedSGRules === true,
    tolerateNonExistentBackendService: config.tolerateNonExistentBackendService !== false,
    tolerateNonExistentBackendAction: config.tolerateNonExistentBackendAction !== false,
  };
}
