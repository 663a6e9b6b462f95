/**
 * cluster/custom-schemas.data — the specs of the custom resources whose CRDs are more than a shape:
 * what is required, of which type, and one of which words.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445
 * config/crd/bases/elbv2.k8s.aws_targetgroupbindings.yaml, elbv2.k8s.aws_ingressclassparams.yaml
 * (v1beta1).
 */
import type { KubernetesKind } from '../model/kinds.ts';
import { GATEWAY_SCHEMAS } from './gateway-schemas.data.ts';
import { LABEL_SELECTOR } from './label-selector-schema.data.ts';
import type { Schema } from './schema-validation.ts';

const TEXT: Schema = { type: 'string' };
const NUMBER_OR_NAME: Schema = { type: 'int-or-string' };

const NETWORKING_RULE: Schema = {
  type: 'object',
  required: ['from', 'ports'],
  fields: {
    from: {
      type: 'array',
      items: {
        type: 'object',
        fields: {
          ipBlock: { type: 'object', required: ['cidr'], fields: { cidr: TEXT } },
          securityGroup: { type: 'object', required: ['groupID'], fields: { groupID: TEXT } },
        },
      },
    },
    ports: {
      type: 'array',
      items: {
        type: 'object',
        fields: { protocol: { type: 'string', enum: ['TCP', 'UDP'] }, port: NUMBER_OR_NAME },
      },
    },
  },
};

const TARGET_GROUP_BINDING: Schema = {
  type: 'object',
  required: ['serviceRef'],
  fields: {
    targetGroupARN: TEXT,
    targetGroupName: TEXT,
    multiClusterTargetGroup: { type: 'boolean' },
    targetType: { type: 'string', enum: ['instance', 'ip'] },
    targetGroupProtocol: {
      type: 'string',
      enum: ['HTTP', 'HTTPS', 'TCP', 'TLS', 'UDP', 'TCP_UDP', 'QUIC', 'TCP_QUIC'],
    },
    ipAddressType: { type: 'string', enum: ['ipv4', 'ipv6'] },
    vpcID: TEXT,
    serviceRef: {
      type: 'object',
      required: ['name', 'port'],
      fields: { name: TEXT, port: NUMBER_OR_NAME },
    },
    networking: {
      type: 'object',
      fields: { ingress: { type: 'array', items: NETWORKING_RULE } },
    },
    nodeSelector: LABEL_SELECTOR,
    iamRoleArnToAssume: TEXT,
    assumeRoleExternalId: TEXT,
  },
};

const ATTRIBUTES: Schema = {
  type: 'array',
  items: { type: 'object', required: ['key', 'value'], fields: { key: TEXT, value: TEXT } },
};

const INGRESS_CLASS_PARAMS: Schema = {
  type: 'object',
  fields: {
    loadBalancerName: TEXT,
    certificateArn: { type: 'array', items: TEXT },
    namespaceSelector: LABEL_SELECTOR,
    group: { type: 'object', required: ['name'], fields: { name: TEXT } },
    scheme: { type: 'string', enum: ['internal', 'internet-facing'] },
    inboundCIDRs: { type: 'array', items: TEXT },
    sslPolicy: TEXT,
    sslRedirectPort: TEXT,
    subnets: {
      type: 'object',
      fields: {
        ids: {
          type: 'array',
          minItems: 1,
          items: { type: 'string', pattern: 'subnet-[0-9a-f]+' },
        },
        tags: { type: 'map', values: { type: 'array', items: TEXT } },
      },
    },
    ipAddressType: {
      type: 'string',
      enum: ['ipv4', 'dualstack', 'dualstack-without-public-ipv4'],
    },
    tags: ATTRIBUTES,
    targetType: { type: 'string', enum: ['instance', 'ip'] },
    loadBalancerAttributes: ATTRIBUTES,
    listeners: {
      type: 'array',
      items: {
        type: 'object',
        fields: { protocol: TEXT, port: { type: 'integer' }, listenerAttributes: ATTRIBUTES },
      },
    },
    minimumLoadBalancerCapacity: {
      type: 'object',
      required: ['capacityUnits'],
      fields: { capacityUnits: { type: 'integer' } },
    },
    ipamConfiguration: { type: 'object', fields: { ipv4IPAMPoolId: TEXT } },
    PrefixListsIDs: { type: 'array', items: TEXT },
    prefixListsIDs: { type: 'array', items: TEXT },
    wafv2AclArn: TEXT,
    wafv2AclName: TEXT,
  },
};

/** By store kind: the schema of `spec`. */
export const SPEC_SCHEMAS: Partial<Readonly<Record<KubernetesKind, Schema>>> = {
  IngressClassParams: INGRESS_CLASS_PARAMS,
  TargetGroupBinding: TARGET_GROUP_BINDING,
  ...GATEWAY_SCHEMAS,
};
