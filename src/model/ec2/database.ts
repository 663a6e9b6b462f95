/**
 * model/ec2/database — which interface is which database's. RDS keeps that to itself: it is told by
 * a tag of ours, which exports of a twin carry and describe-db-instances is matched to.
 */
import type { NetworkInterface } from './network-interface.ts';

/** The tag on the interface; its value is the DB instance identifier. */
export const DATABASE_TAG = 'ekstwin:db-instance';

/** As RDS describes the interfaces it makes. */
export const RDS_DESCRIPTION = 'RDSNetworkInterface';

/** The DB instance identifier of an interface; undefined where none is known. */
export const databaseOf = ({ tags }: NetworkInterface): string | undefined => tags[DATABASE_TAG];
