/** conformance/awsapi/tags — EC2's actions on tags, and the trunk associations it describes. */

import { type FilterTable, filterTest } from '../../src/cloud/ec2/filters.ts';
import { FORMATS } from '../../src/formats/aws/nouns.ts';
import { isAwsError } from '../../src/model/aws-error.ts';
import type { Tags } from '../../src/model/ec2/tags.ts';
import type { AwsKinds } from '../../src/model/kinds.ts';
import { type Backend, done, type Handlers } from './wire.ts';

type Ec2Kind = Extract<keyof AwsKinds, `ec2/${string}`>;

const isEc2Kind = (kind: string): kind is Ec2Kind => kind.startsWith('ec2/');

/** What DescribeTags calls each kind: the kind's own name. */
const resourceType = (kind: Ec2Kind): string => kind.slice('ec2/'.length);

interface DescribedTag {
  readonly Key: string;
  readonly Value: string;
  readonly ResourceId: string;
  readonly ResourceType: string;
  /** The tag once more, for `tag:<key>` filters. */
  readonly tags: Tags;
}

function* allTags({ store }: Backend): Generator<DescribedTag> {
  for (const kind of Object.keys(FORMATS).filter(isEc2Kind)) {
    for (const { key: ResourceId, value: noun } of store.entries(kind)) {
      for (const [Key, Value] of Object.entries(noun.tags)) {
        const ResourceType = resourceType(kind);
        yield { Key, Value, ResourceId, ResourceType, tags: { [Key]: Value } };
      }
    }
  }
}

/** DescribeTags' filters and what each is held against. */
const TAG_FILTERS: FilterTable<DescribedTag> = {
  key: ({ Key }) => Key,
  value: ({ Value }) => Value,
  'resource-id': ({ ResourceId }) => ResourceId,
  'resource-type': ({ ResourceType }) => ResourceType,
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
    const named = request.list('Tags');
    const keys = named.map((it) => it.text('Key'));
    const values = Object.fromEntries(
      named.flatMap((it) => (it.has('Value') ? [[it.text('Key'), it.text('Value')]] : [])),
    );
    return done(
      cloud.ec2.deleteTags({
        resources: request.texts('Resources') ?? [],
        keys: keys.length === 0 ? undefined : keys,
        values,
      }),
    );
  },
  DescribeTags: (request, backend) => {
    const test = filterTest(TAG_FILTERS, request.filters());
    if (isAwsError(test)) return test;
    const Tags = [...allTags(backend)].filter(test).map(({ tags: _, ...tag }) => tag);
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
