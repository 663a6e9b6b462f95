/** api/aws/ec2/vpn-gateways — EC2's operations on virtual private gateways. */
import type { EC2 } from '@aws-sdk/client-ec2';
import { isAwsError } from '../../../model/aws-error.ts';
import type { Handlers } from '../operation.ts';
import { shown } from '../shown.ts';
import { askedOf, made } from './nouns-of.ts';
import { done, tagsFor } from './requests.ts';

export const vpnGateways: Handlers<EC2> = {
  CreateVpnGateway(input, call) {
    const tags = tagsFor('vpn-gateway', input);
    if (isAwsError(tags)) return tags;
    const gateway = call.cloud.ec2.createVpnGateway({ tags });
    return made(call, 'ec2/vpn-gateway', gateway, 'VpnGateway');
  },

  AttachVpnGateway(input, { cloud }) {
    const vpcId = input.VpcId!;
    const held = cloud.ec2.attachVpnGateway({ vpnGatewayId: input.VpnGatewayId!, vpcId });
    return isAwsError(held) ? held : { VpcAttachment: { State: 'attached', VpcId: vpcId } };
  },

  DetachVpnGateway: (input, { cloud }) =>
    done(cloud.ec2.detachVpnGateway({ vpnGatewayId: input.VpnGatewayId!, vpcId: input.VpcId! })),

  DeleteVpnGateway: (input, { cloud }) =>
    done(cloud.ec2.deleteVpnGateway({ vpnGatewayId: input.VpnGatewayId! })),

  DescribeVpnGateways(input, call) {
    const found = call.cloud.ec2.describeVpnGateways(askedOf(input, input.VpnGatewayIds));
    if (isAwsError(found)) return found;
    return { VpnGateways: found.map((it) => shown(call, 'ec2/vpn-gateway', it)) };
  },
};
