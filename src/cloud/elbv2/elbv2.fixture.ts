/** cloud/elbv2/elbv2.fixture — a VPC on the internet with what a load balancer needs, for tests. */
import type { LoadBalancer } from '../../model/elbv2/load-balancer.ts';
import type { TargetGroup } from '../../model/elbv2/target-group.ts';
import { must, network } from '../cloud.fixture.ts';
import type { CloudOptions } from '../cloud.ts';
import type { CreateLoadBalancerInput, CreateTargetGroupInput } from './operations.ts';

/** `network` with an internet gateway. */
export function balanced(options: Partial<CloudOptions> = {}) {
  const account = network(options);
  const { cloud, store, vpc, a, b } = account;
  const { internetGatewayId } = must(cloud.ec2.createInternetGateway({}));
  must(cloud.ec2.attachInternetGateway({ internetGatewayId, vpcId: vpc.vpcId }));
  return {
    ...account,
    balancer: (input: Partial<CreateLoadBalancerInput> = {}): LoadBalancer =>
      must(
        cloud.elbv2.createLoadBalancer({
          name: 'web',
          subnetMappings: [{ subnetId: a.subnetId }, { subnetId: b.subnetId }],
          ...input,
        }),
      ),
    group: (input: Partial<CreateTargetGroupInput> = {}): TargetGroup =>
      must(
        cloud.elbv2.createTargetGroup({
          name: 'web',
          targetType: 'ip',
          protocol: 'HTTP',
          port: 8080,
          vpcId: vpc.vpcId,
          ...input,
        }),
      ),
    interfaces: () =>
      store
        .list('ec2/network-interface')
        .filter(({ description }) => description.startsWith('ELB ')),
  };
}
