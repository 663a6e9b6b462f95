/**
 * datapath/dns/aws-service-names — the names of AWS's own services in a region: which name a program
 * asks for, and which names an interface endpoint of a service takes over in its VPC.
 *
 * Source: VPC User Guide (PrivateLink), "AWS services that integrate with AWS PrivateLink", each
 * service's describe-vpc-endpoint-services PrivateDnsNames. A service that is not listed has the one
 * name `SERVICE.REGION.amazonaws.com`.
 */

/** `SERVICE` of `com.amazonaws.REGION.SERVICE` to its names; `*` any labels, `R` the region. */
const PRIVATE_NAMES: Readonly<Record<string, readonly string[]>> = {
  'ecr.api': ['api.ecr.R.amazonaws.com', 'ecr.R.api.aws'],
  'ecr.dkr': ['*.dkr.ecr.R.amazonaws.com', '*.dkr-ecr.R.on.aws'],
  eks: ['eks.R.amazonaws.com', 'eks.R.api.aws'],
  'eks-auth': ['eks-auth.R.api.aws'],
  'execute-api': ['*.execute-api.R.amazonaws.com'],
  s3: [
    's3.R.amazonaws.com',
    '*.s3.R.amazonaws.com',
    '*.s3-accesspoint.R.amazonaws.com',
    '*.s3-control.R.amazonaws.com',
  ],
  ec2: ['ec2.R.amazonaws.com', 'ec2.R.api.aws'],
  lambda: ['lambda.R.amazonaws.com', 'lambda.R.api.aws'],
  logs: ['logs.R.amazonaws.com', 'logs.R.api.aws'],
  'git-codecommit': ['git-codecommit.R.amazonaws.com'],
  'bedrock-runtime': ['bedrock-runtime.R.amazonaws.com'],
  elasticfilesystem: ['elasticfilesystem.R.amazonaws.com'],
};

/** `amazonaws.com`, or China's. */
const suffixOf = (region: string): string =>
  region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';

const inRegion = (name: string, region: string): string =>
  `${name.replace('.R.', `.${region}.`).replace('amazonaws.com', suffixOf(region))}.`;

/** `com.amazonaws.us-west-2.ecr.dkr` → region and `ecr.dkr`; undefined for a customer's service. */
function serviceOf(
  serviceName: string,
): { readonly region: string; readonly service: string } | undefined {
  const match = /^(?:cn\.)?(?:com\.amazonaws|aws\.api)\.([a-z]{2,}(?:-[a-z]+)+-\d+)\.(.+)$/.exec(
    serviceName.replace(/^cn\.com/, 'com'),
  );
  if (match === null || match[2]!.startsWith('vpce-svc-')) return undefined;
  return { region: match[1]!, service: match[2]! };
}

/** The names that private DNS of an endpoint for this service answers, whole. */
export function privateDnsNames(serviceName: string): readonly string[] {
  const parts = serviceOf(serviceName);
  if (parts === undefined) return [];
  const { region, service } = parts;
  const names = PRIVATE_NAMES[service] ?? [`${service}.R.amazonaws.com`];
  return names.map((name) => inRegion(name, region));
}

/** Whether a name is one of a pattern's; `*` stands for one label or more. */
export function matchesServiceName(pattern: string, name: string): boolean {
  if (!pattern.startsWith('*.')) return pattern === name;
  return name.endsWith(pattern.slice(1)) && name.length > pattern.length - 1;
}

/** Words people say for a service whose endpoint is called otherwise. */
const SPOKEN: Readonly<Record<string, string>> = {
  ecr: 'api.ecr.R.amazonaws.com',
  'ecr.api': 'api.ecr.R.amazonaws.com',
  // Any account's registry; this number is documentation's.
  'ecr.dkr': '111122223333.dkr.ecr.R.amazonaws.com',
  elb: 'elasticloadbalancing.R.amazonaws.com',
  cloudwatch: 'monitoring.R.amazonaws.com',
  efs: 'elasticfilesystem.R.amazonaws.com',
  'eks-auth': 'eks-auth.R.api.aws',
};

/** Services that have one name for all regions. */
const GLOBAL = ['iam', 'route53', 'cloudfront', 'organizations'];

/** Services that clusters talk to whose name in a region is `SERVICE.REGION.amazonaws.com`. */
const PLAIN = (
  'dynamodb sts kms ssm ssmmessages ec2messages secretsmanager sqs sns monitoring events ' +
  'elasticloadbalancing autoscaling cloudformation xray kinesis firehose states athena glue ' +
  'redshift rds elasticache cloudtrail config ecs batch email appmesh acm acm-pca aps-workspaces ' +
  'guardduty-data servicediscovery sagemaker.runtime bedrock shield wafv2 es transfer codebuild'
).split(' ');

/** Words that `aws/SERVICE` takes. */
export const AWS_SERVICES: ReadonlySet<string> = new Set([
  ...Object.keys(PRIVATE_NAMES),
  ...Object.keys(SPOKEN),
  ...GLOBAL,
  ...PLAIN,
]);

/** What a program in the region asks for when it calls `aws/SERVICE`, whole. */
export function awsServiceName(service: string, region: string): string {
  if (GLOBAL.includes(service)) return `${service}.amazonaws.com.`;
  return inRegion(SPOKEN[service] ?? `${service}.R.amazonaws.com`, region);
}

/** The region in an AWS name: `sts.us-west-2.amazonaws.com.` → `us-west-2`. */
export const regionInName = (name: string): string | undefined =>
  /\.([a-z]{2}(?:-[a-z]+)+-\d+)\./.exec(`.${name}`)?.[1];

/** The gateway service a name belongs to, whose addresses are in a managed prefix list. */
export function gatewayServiceOf(name: string): 's3' | 'dynamodb' | undefined {
  if (!/\.amazonaws\.com(\.cn)?\.$/.test(name)) return undefined;
  if (/(^|\.)s3([.-]|$)/.test(name)) return 's3';
  return /(^|\.)dynamodb\./.test(name) ? 'dynamodb' : undefined;
}
