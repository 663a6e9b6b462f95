/**
 * formats/aws/database-interfaces — which interface is a database's. RDS tells an instance's groups
 * and subnets, EC2 the interfaces RDS made; where one fits, it is the database's.
 */
import { DATABASE_TAG, databaseOf, RDS_DESCRIPTION } from '../../model/ec2/database.ts';
import type { NetworkInterface } from '../../model/ec2/network-interface.ts';
import type { AwsExport } from './aws-documents.ts';
import type { DatabaseDocument } from './companion-documents.ts';

/** Marks every database's interface, in place; a note says where it cannot be told. */
export function findDatabases({ nouns, companions, notes }: AwsExport): void {
  const interfaces = nouns['ec2/network-interface'];
  for (const told of companions.databases.values()) {
    const fitting = [...interfaces.values()].filter((eni) => fits(eni, told));
    const named = fitting.filter(({ tags }) => tags.Name === told.identifier);
    const [eni, another] = named.length > 0 ? named : fitting;
    if (eni === undefined || another !== undefined) {
      notes.push({ where: told.where, text: doubt(told, fitting) });
      continue;
    }
    interfaces.set(eni.networkInterfaceId, {
      ...eni,
      tags: { ...eni.tags, [DATABASE_TAG]: told.identifier },
      listens: told.port === 0 ? undefined : [{ protocol: 'tcp', port: told.port }],
    });
  }
}

/** Made by RDS, not another database's yet, in one of its subnets, with exactly its groups. */
function fits(eni: NetworkInterface, { groups, subnetIds }: DatabaseDocument): boolean {
  if (eni.description !== RDS_DESCRIPTION || databaseOf(eni) !== undefined) return false;
  if (!subnetIds.includes(eni.subnetId) || eni.groups.length !== groups.length) return false;
  return groups.every((group) => eni.groups.some((own) => own === group));
}

function doubt({ identifier }: DatabaseDocument, fitting: readonly NetworkInterface[]): string {
  if (fitting.length === 0)
    return `DBInstances: no interface of ${identifier} here; add aws ec2 describe-network-interfaces`;
  const ids = fitting.map(({ networkInterfaceId }) => networkInterfaceId).join(', ');
  return `DBInstances: ${identifier} may have any of ${ids}; a tag ${DATABASE_TAG}=${identifier} on one would tell`;
}
