/**
 * cloud/regions.data — AWS regions: the letters of their availability zones and the short form
 * zone ids are made with (`us-west-2a` is `usw2-az1`).
 *
 * In a real account letters are shuffled over ids; here the first letter is az1. Source: AWS
 * "Regions and Zones", recollection for regions not named in public EKS documentation.
 */
export const REGION_ZONES: Readonly<Record<string, readonly [short: string, letters: string]>> = {
  'us-east-1': ['use1', 'abcdef'],
  'us-east-2': ['use2', 'abc'],
  'us-west-1': ['usw1', 'ac'],
  'us-west-2': ['usw2', 'abcd'],
  'ca-central-1': ['cac1', 'abd'],
  'ca-west-1': ['caw1', 'abc'],
  'mx-central-1': ['mxc1', 'abc'],
  'sa-east-1': ['sae1', 'abc'],
  'eu-west-1': ['euw1', 'abc'],
  'eu-west-2': ['euw2', 'abc'],
  'eu-west-3': ['euw3', 'abc'],
  'eu-central-1': ['euc1', 'abc'],
  'eu-central-2': ['euc2', 'abc'],
  'eu-north-1': ['eun1', 'abc'],
  'eu-south-1': ['eus1', 'abc'],
  'eu-south-2': ['eus2', 'abc'],
  'me-south-1': ['mes1', 'abc'],
  'me-central-1': ['mec1', 'abc'],
  'il-central-1': ['ilc1', 'abc'],
  'af-south-1': ['afs1', 'abc'],
  'ap-east-1': ['ape1', 'abc'],
  'ap-south-1': ['aps1', 'abc'],
  'ap-south-2': ['aps2', 'abc'],
  'ap-northeast-1': ['apne1', 'acd'],
  'ap-northeast-2': ['apne2', 'abcd'],
  'ap-northeast-3': ['apne3', 'abc'],
  'ap-southeast-1': ['apse1', 'abc'],
  'ap-southeast-2': ['apse2', 'abc'],
  'ap-southeast-3': ['apse3', 'abc'],
  'ap-southeast-4': ['apse4', 'abc'],
  'ap-southeast-5': ['apse5', 'abc'],
  'ap-southeast-7': ['apse7', 'abc'],
  'cn-north-1': ['cnn1', 'abd'],
  'cn-northwest-1': ['cnnw1', 'abc'],
  'us-gov-east-1': ['usge1', 'abc'],
  'us-gov-west-1': ['usgw1', 'abc'],
};

/**
 * AWS-managed prefix lists of gateway endpoints: `region service` to the list's id and blocks.
 * A region that is not listed gets the blocks under `*` and an id of its own. The blocks are a
 * part of what AWS publishes in ip-ranges.json; recollection, enough for a route to have a size.
 */
export const GATEWAY_SERVICE_BLOCKS: Readonly<
  Record<string, { readonly id?: string; readonly blocks: readonly string[] }>
> = {
  'us-east-1 s3': { id: 'pl-63a5400a', blocks: ['54.231.0.0/16', '52.216.0.0/15', '3.5.0.0/19'] },
  'us-west-2 s3': {
    id: 'pl-68a54001',
    blocks: ['52.92.128.0/17', '52.218.128.0/17', '3.5.76.0/22', '3.5.80.0/21'],
  },
  'eu-west-1 s3': { id: 'pl-6da54004', blocks: ['52.92.0.0/17', '52.218.0.0/17', '3.5.64.0/21'] },
  'us-east-1 dynamodb': { id: 'pl-02cd2c6b', blocks: ['52.94.0.0/22', '52.119.224.0/20'] },
  'us-west-2 dynamodb': { id: 'pl-00a54069', blocks: ['52.94.4.0/24', '52.119.252.0/22'] },
  '* s3': { blocks: ['52.92.0.0/17', '52.218.0.0/17', '3.5.128.0/20'] },
  '* dynamodb': { blocks: ['52.94.8.0/24', '52.119.240.0/21'] },
};
