/** conformance/awsapi/tags — EC2's actions on tags, and the trunk associations it describes. */

import { FORMATS } from '../../src/formats/aws/nouns.ts';
import type { AwsKinds } from '../../src/model/kinds.ts';
import { type Backend, done, type Handlers } from './wire.ts';

type Ec2Kind = Extract<keyof AwsKinds, `ec2/${string}`>;

/** What DescribeTags calls each kind: the kind's own name. */
const resourceType = (kind: Ec2Kind): string => kind.slice('ec2/'.length);

function* allTags({ store }: Backend) {
  for (const kind of Object.keys(FORMATS) as (keyof AwsKinds)[]) {
    if (!kind.startsWith('ec2/')) continue;
    for (const { key: ResourceId, value: noun } of store.entries(kind)) {
      for (const [Key, Value] of Object.entries(noun.tags)) {
        yield { Key, Value, ResourceId, ResourceType: resourceType(kind as Ec2Kind) };
      }
    }
  }
}

/** DescribeTags' filters and what each is held against. */
const TAG_FILTERS: Readonly<Record<string, 'Key' | 'Value' | 'ResourceId' | 'ResourceType'>> = {
  key: 'Key',
  value: 'Value',
  'resource-id': 'ResourceId',
  'resource-type': 'ResourceType',
};

export const tagHandlers: Handlers = {
  CreateTags: (request, { cloud }) =>
    done(
      cloud.ec2.createTags({
        resources: request.texts('Resources') ?? [],
        tags: request.tags() ?? {},
      }),
    ),
  DeleteTags: (request, { cloud }) => {
    const keys = request.list('Tags').map((it) => it.text('Key'));
    return done(
      cloud.ec2.deleteTags({
        resources: request.texts('Resources') ?? [],
        keys: keys.length === 0 ? undefined : keys,
      }),
    );
  },
  DescribeTags: (request, backend) => {
    const filters = request.filters();
    const Tags = [...allTags(backend)].filter((tag) =>
      filters.every(({ name, values }) => {
        const member = TAG_FILTERS[name];
        return member === undefined || values.includes(tag[member]);
      }),
    );
    return { Tags };
  },
  DescribeTrunkInterfaceAssociations: (request, { store }) => {
    const ids = request.texts('AssociationIds');
    const trunks = request
      .filters()
      .find(({ name }) => name === 'trunk-interface-association.trunk-interface-id')?.values;
    const InterfaceAssociations = store.list('ec2/network-interface').flatMap((eni) => {
      const held = eni.trunk;
      if (held === undefined) return [];
      if (ids !== undefined && !ids.includes(held.associationId)) return [];
      if (trunks !== undefined && !trunks.includes(held.trunkInterfaceId)) return [];
      return [
        {
          AssociationId: held.associationId,
          TrunkInterfaceId: held.trunkInterfaceId,
          BranchInterfaceId: eni.networkInterfaceId,
          InterfaceProtocol: 'VLAN',
          VlanId: held.vlanId,
        },
      ];
    });
    return { InterfaceAssociations };
  },
};
