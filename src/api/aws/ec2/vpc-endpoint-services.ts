/** api/aws/ec2/vpc-endpoint-services — the filters of services that endpoints lead to. */
import type { ServiceDetail } from '@aws-sdk/client-ec2';
import { type FilterTable, filterTest } from '../../../cloud/ec2/filters.ts';
import type { Filter } from '../../../cloud/ec2/operations.ts';
import { type AwsError, isAwsError } from '../../../model/aws-error.ts';
import type { Tags } from '../../../model/ec2/tags.ts';

type Tested = ServiceDetail & { readonly tags: Tags };

const SERVICE_FILTERS: FilterTable<Tested> = {
  owner: ({ Owner }) => Owner,
  'service-name': ({ ServiceName }) => ServiceName,
  'service-region': ({ ServiceRegion }) => ServiceRegion,
  'service-type': ({ ServiceType }) => ServiceType?.map((it) => it.ServiceType),
  'supported-ip-address-types': () => 'ipv4',
};

/** The test that filters make of DescribeVpcEndpointServices. */
export function serviceFilter(
  filters: readonly Filter[],
): ((service: ServiceDetail) => boolean) | AwsError {
  const test = filterTest(SERVICE_FILTERS, filters);
  return isAwsError(test) ? test : (service) => test({ ...service, tags: {} });
}
