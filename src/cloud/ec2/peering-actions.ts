/** cloud/ec2/peering-actions — VPC peering connections within the account and region. */
import { type AwsError, awsError } from '../../model/aws-error.ts';
import type { VpcPeeringConnection } from '../../model/ec2/gateways.ts';
import type { VpcPeeringConnectionId } from '../../model/ec2/ids.ts';
import type { Vpc } from '../../model/ec2/vpc.ts';
import { cidrTextsOverlap } from '../../net/index.ts';
import type { Region } from '../region.ts';
import { type Described, describe } from './describe.ts';
import { noPeering, noVpc } from './not-found.ts';
import { markRoutesTo } from './route-target.ts';
import type { VpcOperations } from './vpc-operations.ts';

const describedPeering = ({
  store,
  accountId,
}: Region): Described<'ec2/vpc-peering-connection'> => ({
  kind: 'ec2/vpc-peering-connection',
  missing: noPeering,
  filters: {
    'vpc-peering-connection-id': (it) => it.vpcPeeringConnectionId,
    'requester-vpc-info.vpc-id': (it) => it.requesterVpcId,
    'accepter-vpc-info.vpc-id': (it) => it.accepterVpcId,
    'requester-vpc-info.cidr-block': (it) => store.get('ec2/vpc', it.requesterVpcId)?.cidrBlock,
    'accepter-vpc-info.cidr-block': (it) => store.get('ec2/vpc', it.accepterVpcId)?.cidrBlock,
    'requester-vpc-info.owner-id': () => accountId,
    'accepter-vpc-info.owner-id': () => accountId,
    'status-code': (it) => it.status,
  },
});

type PeeringActions = Pick<
  VpcOperations,
  | 'createVpcPeeringConnection'
  | 'acceptVpcPeeringConnection'
  | 'rejectVpcPeeringConnection'
  | 'deleteVpcPeeringConnection'
  | 'describeVpcPeeringConnections'
>;

export const peeringActions = (region: Region): PeeringActions => ({
  createVpcPeeringConnection({ vpcId, peerVpcId, tags }) {
    const requester = region.store.get('ec2/vpc', vpcId);
    if (requester === undefined) return noVpc(vpcId);
    const accepter = region.store.get('ec2/vpc', peerVpcId);
    if (accepter === undefined) return noVpc(peerVpcId);
    const peering: VpcPeeringConnection = {
      vpcPeeringConnectionId: region.ids.next<VpcPeeringConnectionId>('pcx'),
      requesterVpcId: requester.vpcId,
      accepterVpcId: accepter.vpcId,
      // EC2 makes the connection and says afterwards that it failed.
      status: blocksOverlap(requester, accepter) ? 'failed' : 'pending-acceptance',
      tags: tags ?? {},
    };
    return put(region, peering);
  },
  acceptVpcPeeringConnection: ({ vpcPeeringConnectionId }) =>
    change(region, vpcPeeringConnectionId, 'active'),
  rejectVpcPeeringConnection({ vpcPeeringConnectionId }) {
    const rejected = change(region, vpcPeeringConnectionId, 'rejected');
    return 'code' in rejected ? rejected : true;
  },
  deleteVpcPeeringConnection({ vpcPeeringConnectionId: id }) {
    const peering = region.store.get('ec2/vpc-peering-connection', id);
    if (peering === undefined || peering.status === 'deleted') return noPeering(id);
    put(region, { ...peering, status: 'deleted' });
    markRoutesTo(region, [peering.requesterVpcId, peering.accepterVpcId], id, 'blackhole');
    return true;
  },
  describeVpcPeeringConnections: ({ ids, filters }) =>
    describe(region, describedPeering(region), ids, filters),
});

function put(region: Region, peering: VpcPeeringConnection): VpcPeeringConnection {
  region.store.put('ec2/vpc-peering-connection', peering.vpcPeeringConnectionId, peering);
  return peering;
}

function change(
  region: Region,
  id: string,
  status: 'active' | 'rejected',
): VpcPeeringConnection | AwsError {
  const peering = region.store.get('ec2/vpc-peering-connection', id);
  if (peering === undefined) return noPeering(id);
  if (peering.status !== 'pending-acceptance') {
    return awsError(
      'InvalidStateTransition',
      `Invalid state transition for ${id}, attempted to transition from ${peering.status} to ` +
        status,
    );
  }
  const changed = put(region, { ...peering, status });
  if (status === 'active')
    markRoutesTo(region, [peering.requesterVpcId, peering.accepterVpcId], id, 'active');
  return changed;
}

const blocksOverlap = (a: Vpc, b: Vpc): boolean =>
  a.cidrBlocks.some((mine) =>
    b.cidrBlocks.some((theirs) => cidrTextsOverlap(mine.cidrBlock, theirs.cidrBlock)),
  );
