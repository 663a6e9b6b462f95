/** conformance/awsapi/elbv2 — Elastic Load Balancing's actions on load balancers and groups. */

import { isAwsError } from '../../src/model/aws-error.ts';
import type { LoadBalancerType, Scheme } from '../../src/model/elbv2/load-balancer.ts';
import type { TargetGroupProtocol, TargetType } from '../../src/model/elbv2/target-group.ts';
import { asJson, done, type Handlers } from './wire.ts';

export const elbv2Handlers: Handlers = {
  CreateLoadBalancer: (request, backend) => {
    const mappings = request.list('SubnetMappings').map((it) => ({
      subnetId: it.text('SubnetId'),
      allocationId: it.optional('AllocationId'),
      privateIpv4Address: it.optional('PrivateIPv4Address'),
    }));
    const subnets = (request.texts('Subnets') ?? []).map((subnetId) => ({ subnetId }));
    const made = backend.cloud.elbv2.createLoadBalancer({
      name: request.text('Name'),
      type: request.optional('Type') as LoadBalancerType | undefined,
      scheme: request.optional('Scheme') as Scheme | undefined,
      subnetMappings: [...mappings, ...subnets],
      securityGroups: request.texts('SecurityGroups'),
      tags: request.tags(),
    });
    if (isAwsError(made)) return made;
    return { LoadBalancers: [asJson(backend, 'elbv2/load-balancer', made)] };
  },
  DescribeLoadBalancers: (request, backend) => {
    const found = backend.cloud.elbv2.describeLoadBalancers({
      loadBalancerArns: request.texts('LoadBalancerArns'),
      names: request.texts('Names'),
    });
    if (isAwsError(found)) return found;
    return { LoadBalancers: found.map((it) => asJson(backend, 'elbv2/load-balancer', it)) };
  },
  DeleteLoadBalancer: (request, { cloud }) => {
    const loadBalancerArn = request.text('LoadBalancerArn');
    const gone = cloud.elbv2.deleteLoadBalancer({ loadBalancerArn });
    return done(isAwsError(gone) ? gone : true);
  },
  CreateTargetGroup: (request, backend) => {
    const made = backend.cloud.elbv2.createTargetGroup({
      name: request.text('Name'),
      targetType: request.optional('TargetType') as TargetType | undefined,
      protocol: request.text('Protocol') as TargetGroupProtocol,
      port: request.number('Port') ?? 0,
      vpcId: request.text('VpcId'),
      tags: request.tags(),
    });
    if (isAwsError(made)) return made;
    return { TargetGroups: [asJson(backend, 'elbv2/target-group', made)] };
  },
};
