/** api/aws/ec2/ec2 — EC2's operations that are built, by name. */
import type { EC2 } from '@aws-sdk/client-ec2';
import { untyped } from '../operation.ts';
import { absent } from './absent.ts';
import { addresses } from './addresses.ts';
import { dhcpOptions } from './dhcp-options.ts';
import { flowLogs } from './flow-logs.ts';
import { instanceAttributes } from './instance-attributes.ts';
import { instanceTypes } from './instance-types.ts';
import { instances } from './instances.ts';
import { interfaceAddresses } from './interface-addresses.ts';
import { interfaceAssociations } from './interface-associations.ts';
import { internetGateways } from './internet-gateways.ts';
import { launchInputs } from './launch-inputs.ts';
import { natGateways } from './nat-gateways.ts';
import { networkAcls } from './network-acls.ts';
import { networkInterfaces } from './network-interfaces.ts';
import { peerings } from './peerings.ts';
import { places } from './places.ts';
import { prefixLists } from './prefix-lists.ts';
import { routeTables } from './route-tables.ts';
import { routes } from './routes.ts';
import { securityGroupRules } from './security-group-rules.ts';
import { securityGroups } from './security-groups.ts';
import { subnets } from './subnets.ts';
import { tags } from './tags.ts';
import { transitGatewayTables } from './transit-gateway-tables.ts';
import { transitGateways } from './transit-gateways.ts';
import { vpcEndpoints } from './vpc-endpoints.ts';
import { vpcs } from './vpcs.ts';
import { vpnGateways } from './vpn-gateways.ts';

export const HANDLERS = untyped<EC2>({
  ...vpcs,
  ...subnets,
  ...routeTables,
  ...routes,
  ...networkAcls,
  ...securityGroups,
  ...securityGroupRules,
  ...internetGateways,
  ...addresses,
  ...natGateways,
  ...peerings,
  ...vpnGateways,
  ...transitGateways,
  ...transitGatewayTables,
  ...vpcEndpoints,
  ...prefixLists,
  ...networkInterfaces,
  ...interfaceAddresses,
  ...interfaceAssociations,
  ...instances,
  ...instanceAttributes,
  ...instanceTypes,
  ...dhcpOptions,
  ...flowLogs,
  ...tags,
  ...places,
  ...launchInputs,
  ...absent,
});
