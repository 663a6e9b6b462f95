/** cloud/ec2/ec2 — all of EC2's actions over one region. */
import type { Region } from '../region.ts';
import { addressActions } from './address-actions.ts';
import { attachmentActions } from './attachment-actions.ts';
import { dbInstanceActions } from './db-instance-actions.ts';
import { dhcpOptionsActions } from './dhcp-options-actions.ts';
import { flowLogActions } from './flow-log-actions.ts';
import { instanceActions } from './instance-actions.ts';
import { instanceUpkeep } from './instance-upkeep.ts';
import { interfacePermissionActions } from './interface-permission-actions.ts';
import { internetGatewayActions } from './internet-gateway-actions.ts';
import { natGatewayActions } from './nat-gateway-actions.ts';
import { networkAclActions } from './network-acl-actions.ts';
import { networkInterfaceActions } from './network-interface-actions.ts';
import type { AllEc2Operations } from './operations.ts';
import { peeringActions } from './peering-actions.ts';
import { prefixListActions } from './prefix-list-actions.ts';
import { privateAddressActions } from './private-address-actions.ts';
import { routeActions } from './route-actions.ts';
import { routeTableActions } from './route-table-actions.ts';
import { securityGroupActions } from './security-group-actions.ts';
import { securityGroupUpkeep } from './security-group-upkeep.ts';
import { subnetActions } from './subnet-actions.ts';
import { tagActions } from './tag-actions.ts';
import { transitGatewayActions } from './transit-gateway-actions.ts';
import { transitGatewayUpkeep } from './transit-gateway-upkeep.ts';
import { vpcActions } from './vpc-actions.ts';
import { vpcEndpointActions } from './vpc-endpoint-actions.ts';
import { vpcEndpointUpkeep } from './vpc-endpoint-upkeep.ts';
import { vpnGatewayActions } from './vpn-gateway-actions.ts';

export const ec2Actions = (region: Region): AllEc2Operations => ({
  ...vpcActions(region),
  ...subnetActions(region),
  ...routeTableActions(region),
  ...routeActions(region),
  ...networkAclActions(region),
  ...securityGroupActions(region),
  ...internetGatewayActions(region),
  ...addressActions(region),
  ...natGatewayActions(region),
  ...peeringActions(region),
  ...transitGatewayActions(region),
  ...vpnGatewayActions(region),
  ...vpcEndpointActions(region),
  ...prefixListActions(region),
  ...dbInstanceActions(region),
  ...networkInterfaceActions(region),
  ...interfacePermissionActions(region),
  ...privateAddressActions(region),
  ...attachmentActions(region),
  ...instanceActions(region),
  ...tagActions(region),
  ...securityGroupUpkeep(region),
  ...instanceUpkeep(region),
  ...dhcpOptionsActions(region),
  ...flowLogActions(region),
  ...vpcEndpointUpkeep(region),
  ...transitGatewayUpkeep(region),
});
