/**
 * api/kubernetes/table/known-columns.data — printer columns of custom resources whose definition is
 * not in the cluster, or says none: what upstream's manifests say.
 *
 * Upstream: amazon-vpc-cni-k8s charts/aws-vpc-cni/crds; aws/amazon-vpc-resource-controller-k8s
 * config/crd/bases; kubernetes-sigs/aws-load-balancer-controller@225f445 config/crd/bases;
 * kubernetes-sigs/gateway-api@v1.6.0 config/crd/standard.
 */
import type { PrinterColumn } from './custom.ts';

const text = (name: string, jsonPath: string, priority = 0): PrinterColumn => ({
  name,
  type: 'string',
  jsonPath,
  priority,
});
const AGE: PrinterColumn = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' };

const condition = (name: string): PrinterColumn =>
  text(name, `.status.conditions[?(@.type=="${name}")].status`);
const HOSTNAMES = [text('Hostnames', '.spec.hostnames'), AGE];

/** By `group/Kind`. */
export const KNOWN_COLUMNS: Readonly<Record<string, readonly PrinterColumn[]>> = {
  'vpcresources.k8s.aws/SecurityGroupPolicy': [
    text('Security-Group-Ids', '.spec.securityGroups.groupIds'),
    AGE,
  ],
  'vpcresources.k8s.aws/CNINode': [text('Features', '.spec.features'), AGE],
  'elbv2.k8s.aws/TargetGroupBinding': [
    text('SERVICE-NAME', '.spec.serviceRef.name'),
    text('SERVICE-PORT', '.spec.serviceRef.port'),
    text('TARGET-TYPE', '.spec.targetType'),
    text('ARN', '.spec.targetGroupARN', 1),
    AGE,
  ],
  'elbv2.k8s.aws/IngressClassParams': [
    text('GROUP-NAME', '.spec.group.name'),
    text('SCHEME', '.spec.scheme'),
    text('IP-ADDRESS-TYPE', '.spec.ipAddressType'),
    AGE,
  ],
  'gateway.k8s.aws/TargetGroupConfiguration': [
    text('SERVICE-NAME', '.spec.targetReference.name'),
    AGE,
  ],
  'gateway.networking.k8s.io/GatewayClass': [
    text('Controller', '.spec.controllerName'),
    condition('Accepted'),
    AGE,
    text('Description', '.spec.description', 1),
  ],
  'gateway.networking.k8s.io/Gateway': [
    text('Class', '.spec.gatewayClassName'),
    text('Address', '.status.addresses[*].value'),
    condition('Programmed'),
    AGE,
  ],
  'gateway.networking.k8s.io/ListenerSet': [condition('Accepted'), condition('Programmed'), AGE],
  'gateway.networking.k8s.io/HTTPRoute': HOSTNAMES,
  'gateway.networking.k8s.io/GRPCRoute': HOSTNAMES,
  'gateway.networking.k8s.io/TLSRoute': HOSTNAMES,
};
