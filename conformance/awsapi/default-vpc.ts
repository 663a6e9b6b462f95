/**
 * conformance/awsapi/default-vpc — the VPC every account has in every region before anybody made
 * one: 172.31.0.0/16, a public /20 per zone, an internet gateway.
 *
 * Source: Amazon VPC User Guide, "Default VPCs".
 */
import { isAwsError } from '../../src/model/aws-error.ts';
import type { Subnet } from '../../src/model/ec2/subnet.ts';
import type { Vpc } from '../../src/model/ec2/vpc.ts';
import type { Backend } from './wire.ts';

/** The result of a call that cannot fail in an empty account. */
function sure<Result>(result: Result): Exclude<Result, { readonly kind: 'aws-error' }> {
  if (isAwsError(result)) throw new Error(`${result.code}: ${result.message}`);
  return result as Exclude<Result, { readonly kind: 'aws-error' }>;
}

export function makeDefaultVpc({ cloud, store }: Backend): void {
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

export const defaultVpc = ({ store }: Backend): Vpc | undefined =>
  store.list('ec2/vpc').find((vpc) => vpc.isDefault);

/** The default subnet of a zone, or of the first zone. */
export function defaultSubnet(backend: Backend, zone: string | undefined): Subnet | undefined {
  const vpc = defaultVpc(backend);
  if (vpc === undefined) return undefined;
  return backend.store
    .lookup('ec2/subnet', 'vpc', vpc.vpcId)
    .find((subnet) => zone === undefined || subnet.availabilityZone === zone);
}
