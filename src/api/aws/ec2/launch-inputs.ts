/**
 * api/aws/ec2/launch-inputs — EC2's operations on what instances are launched from: images, key
 * pairs, launch templates. The twin's images are those its instances have; it keeps no key pairs
 * and no launch templates, which is what is answered.
 */
import type { EC2, Image } from '@aws-sdk/client-ec2';
import { type FilterTable, filterTest } from '../../../cloud/ec2/filters.ts';
import { type AwsError, awsError, isAwsError } from '../../../model/aws-error.ts';
import { instanceType } from '../../../model/ec2/instance-type.ts';
import type { Tags } from '../../../model/ec2/tags.ts';
import type { AwsCall, Handlers } from '../operation.ts';
import { filtersOf, page } from './requests.ts';

type Untagged<Noun> = Noun & { readonly tags: Tags };

const IMAGE_FILTERS: FilterTable<Untagged<Image>> = {
  'image-id': ({ ImageId }) => ImageId,
  architecture: ({ Architecture }) => Architecture,
  state: ({ State }) => State,
  'image-type': ({ ImageType }) => ImageType,
  'virtualization-type': ({ VirtualizationType }) => VirtualizationType,
  'root-device-type': ({ RootDeviceType }) => RootDeviceType,
  'owner-alias': ({ ImageOwnerAlias }) => ImageOwnerAlias,
  'is-public': ({ Public }) => Public,
  name: ({ Name }) => Name,
};

function imagesOf({ store }: AwsCall): readonly Image[] {
  const byId = new Map<string, Image>();
  for (const { imageId, instanceType: type } of store.list('ec2/instance')) {
    if (imageId === '' || byId.has(imageId)) continue;
    byId.set(imageId, {
      ImageId: imageId,
      Architecture: instanceType(type)?.arch === 'arm64' ? 'arm64' : 'x86_64',
      ImageType: 'machine',
      ImageOwnerAlias: 'amazon',
      Public: true,
      RootDeviceName: '/dev/xvda',
      RootDeviceType: 'ebs',
      State: 'available',
      VirtualizationType: 'hvm',
    });
  }
  return [...byId.values()];
}

/** Everything a filter of a kind that the twin has none of may be called is fine; most are not. */
const noneFilters = (...names: readonly string[]): FilterTable<Untagged<object>> =>
  Object.fromEntries(names.map((name) => [name, () => undefined]));

const KEY_FILTERS = noneFilters('key-pair-id', 'fingerprint', 'key-name');
const TEMPLATE_FILTERS = noneFilters('create-time', 'launch-template-name');

const noTemplate = (id: string | undefined, name: string | undefined): AwsError =>
  id === undefined
    ? awsError(
        'InvalidLaunchTemplateName.NotFoundException',
        `The specified launch template, with template name ${name}, does not exist.`,
      )
    : awsError(
        'InvalidLaunchTemplateId.NotFound',
        `The specified launch template, with template ID ${id}, does not exist.`,
      );

export const launchInputs: Handlers<EC2> = {
  DescribeImages(input, call) {
    const test = filterTest(IMAGE_FILTERS, filtersOf(input));
    if (isAwsError(test)) return test;
    const all = imagesOf(call);
    const ids = input.ImageIds ?? [];
    const unknown = ids.find((id) => !all.some(({ ImageId }) => ImageId === id));
    if (unknown !== undefined) {
      return awsError('InvalidAMIID.NotFound', `The image id '[${unknown}]' does not exist`);
    }
    const isOwned = (owners: readonly string[]) =>
      owners.length === 0 || owners.some((owner) => owner === 'amazon');
    const found = all.filter(
      (image) =>
        test({ ...image, tags: {} }) &&
        (ids.length === 0 || ids.includes(image.ImageId!)) &&
        isOwned(input.Owners ?? []),
    );
    const part = page(call, input, found, (image) => image, 1);
    return isAwsError(part) ? part : { Images: part.items, NextToken: part.NextToken };
  },

  DescribeKeyPairs(input) {
    const test = filterTest(KEY_FILTERS, filtersOf(input));
    if (isAwsError(test)) return test;
    const [name] = input.KeyNames ?? [];
    const [id] = input.KeyPairIds ?? [];
    const asked = name ?? id;
    return asked === undefined
      ? { KeyPairs: [] }
      : awsError('InvalidKeyPair.NotFound', `The key pair '${asked}' does not exist`);
  },

  DescribeLaunchTemplates(input) {
    const test = filterTest(TEMPLATE_FILTERS, filtersOf(input));
    if (isAwsError(test)) return test;
    const [id] = input.LaunchTemplateIds ?? [];
    const [name] = input.LaunchTemplateNames ?? [];
    return id === undefined && name === undefined ? { LaunchTemplates: [] } : noTemplate(id, name);
  },

  DescribeLaunchTemplateVersions(input) {
    const { LaunchTemplateId: id, LaunchTemplateName: name } = input;
    return id === undefined && name === undefined
      ? { LaunchTemplateVersions: [] }
      : noTemplate(id, name);
  },
};
