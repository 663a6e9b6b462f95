/**
 * conformance/awsapi/default-vpc — the VPC every account has in every region before anybody made
 * one: 172.31.0.0/16, a public /20 per zone, an internet gateway.
 *
 * Source: Amazon VPC User Guide, "Default VPCs".
 */
import type { Cloud } from '../../src/cloud/cloud.ts';
import { isAwsError } from '../../src/model/aws-error.ts';
import type { TwinStore } from '../../src/model/kinds.ts';

/** The result of a call that cannot fail in an empty account. */
function sure<Result>(result: Result): Exclude<Result, { readonly kind: 'aws-error' }> {
  if (isAwsError(result)) throw new Error(`${result.code}: ${result.message}`);
  return result as Exclude<Result, { readonly kind: 'aws-error' }>;
}

export function makeDefaultVpc(cloud: Cloud, store: TwinStore): void {
  const { ec2 } = cloud;
  const vpc = sure(ec2.createVpc({ cidrBlock: '172.31.0.0/16' }));
  store.put('ec2/vpc', vpc.vpcId, { ...vpc, isDefault: true, enableDnsHostnames: true });
  const { vpcId } = vpc;
  const { internetGatewayId } = sure(ec2.createInternetGateway({}));
  sure(ec2.attachInternetGateway({ internetGatewayId, vpcId }));
  const [table] = store.lookup('ec2/route-table', 'vpc', vpcId);
  sure(
    ec2.createRoute({
      routeTableId: table!.routeTableId,
      destination: { kind: 'ipv4', cidr: '0.0.0.0/0' },
      target: { kind: 'internet-gateway', id: internetGatewayId },
    }),
  );
  cloud.availabilityZones.forEach(({ name }, i) => {
    const cidrBlock = `172.31.${i * 16}.0/20`;
    const { subnetId } = sure(ec2.createSubnet({ vpcId, cidrBlock, availabilityZone: name }));
    sure(ec2.modifySubnetAttribute({ subnetId, mapPublicIpOnLaunch: true }));
  });
}
