/**
 * test/workshop/variables — what a workshop's environment sets for its reader: variables that tell
 * of the cluster itself are asked of it; those that nothing here can fill stay unset.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const CLUSTER = 'aws eks describe-cluster --name "$EKS_CLUSTER_NAME" --output text --query';
const VPC = `$(${CLUSTER} cluster.resourcesVpcConfig.vpcId)`;
const PRIVATE_SUBNETS =
  'aws ec2 describe-subnets --output text --filters Name=tag:kubernetes.io/role/internal-elb,Values=1';

/** What the shell says instead of the reader's environment. */
const EXPRESSIONS: readonly (readonly [RegExp, (name: string, ...groups: string[]) => string])[] = [
  [/^\w+_CHART_VERSION$/, () => '0.0.0'],
  [
    /^\w+_(?:ROLE_ARN|NODE_ROLE)$/,
    (name) => `arn:aws:iam::111122223333:role/${name.toLowerCase()}`,
  ],
  [/^VPC_ID$/, () => VPC],
  [
    /^EKS_CLUSTER_SECURITY_GROUP_ID$/,
    () => `$(${CLUSTER} cluster.resourcesVpcConfig.clusterSecurityGroupId)`,
  ],
  [/^AWS_ACCOUNT_ID$/, () => '$(aws sts get-caller-identity --output text --query Account)'],
  [
    /^EKS_DEFAULT_MNG_NAME$/,
    () =>
      '$(aws eks list-nodegroups --cluster-name "$EKS_CLUSTER_NAME" --output text --query nodegroups[0])',
  ],
  [
    /^PRIMARY_SUBNET_(\d)$/,
    (_, n) =>
      `$(${PRIVATE_SUBNETS} Name=vpc-id,Values="${VPC}" --query 'Subnets[${Number(n) - 1}].SubnetId')`,
  ],
];

/** The command that sets a variable of the workshop's environment; undefined for others. */
export function settingOf(name: string): string | undefined {
  for (const [pattern, expression] of EXPRESSIONS) {
    const match = pattern.exec(name);
    if (match !== null) return `export ${name}=${expression(name, ...match.slice(1))}`;
  }
  return undefined;
}

const NAME = /(?<!\\)\$\{?([A-Z][A-Z0-9_]{2,})\b/g;
const FOLDER = /~\/environment\/eks-workshop\/([^\s|;)"']+)/g;

const namesIn = (text: string): string[] => [...text.matchAll(NAME)].map(([, name]) => name!);

/** Variables that a command reads, also through the manifests that it fills in with envsubst. */
export function variablesRead(command: string, manifests: string): string[] {
  const own = command.replace(/'[^']*'/g, '');
  const set = new Set(variablesSet(command));
  const files = /\benvsubst\b/.test(command) ? [...command.matchAll(FOLDER)] : [];
  const texts = files.flatMap(([, path]) => manifestTexts(join(manifests, path!)));
  return [...new Set([own, ...texts].flatMap(namesIn))].filter((name) => !set.has(name));
}

/** Variables that a command sets. */
export const variablesSet = (command: string): string[] =>
  [...command.matchAll(/(?<![\w-])([A-Z][A-Z0-9_]{2,})=/g)].map(([, name]) => name!);

function manifestTexts(path: string): string[] {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [readFileSync(path, 'utf8')];
  return readdirSync(path, { withFileTypes: true })
    .filter((it) => it.isFile() && /\.ya?ml$/.test(it.name))
    .map(({ name }) => readFileSync(join(path, name), 'utf8'));
}
