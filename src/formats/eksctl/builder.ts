/**
 * formats/eksctl/builder — what every part of a cluster build needs: the cloud, the config, the
 * stack's tags and names, and one way to turn AWS's refusal into the user's mistake.
 */
import type { Cloud } from '../../cloud/cloud.ts';
import { type AwsError, isAwsError } from '../../model/aws-error.ts';
import type { Tags } from '../../model/ec2/tags.ts';
import { InputError, type Note } from '../../model/input-error.ts';
import type { Random } from '../../sim/random.ts';
import type { Path } from '../source.ts';
import type { ClusterConfig, ClusterSpec } from './cluster-config.ts';

/** eksctl-io/eksctl@99984adb6 pkg/version/release.go. */
const EKSCTL_VERSION = '0.231.0';

const SUFFIX_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const SUFFIX_LENGTH = 12;

const HINTS: readonly (readonly [code: RegExp, hint: string])[] = [
  [
    /^InvalidGroup\.NotFound|SecurityGroup/,
    'Pass the account’s groups too: aws ec2 describe-security-groups > security-groups.json, -f it.',
  ],
  [
    /^InvalidSubnetID\.NotFound/,
    'Pass the account’s subnets too: aws ec2 describe-subnets > subnets.json, and -f it.',
  ],
  [
    /^InvalidVpcID\.NotFound/,
    'Pass the account’s VPCs too: aws ec2 describe-vpcs > vpcs.json, and -f it.',
  ],
];

/** What to do about an AWS error in a file. */
const hintFor = (error: AwsError): string =>
  HINTS.find(([code]) => code.test(error.code))?.[1] ??
  'AWS refuses this; change the field so that it would be accepted there.';

export class Builder {
  readonly cloud: Cloud;
  readonly config: ClusterConfig;
  readonly notes: Note[];
  readonly random: Random;

  constructor(cloud: Cloud, config: ClusterConfig, random: Random, notes: Note[]) {
    this.cloud = cloud;
    this.config = config;
    this.notes = notes;
    this.random = random.split(`eksctl ${config.spec.metadata?.name}`);
  }

  get spec(): ClusterSpec {
    return this.config.spec;
  }

  get name(): string {
    return this.spec.metadata?.name ?? '';
  }

  /** The stack that holds the cluster and its VPC. */
  get clusterStack(): string {
    return `eksctl-${this.name}-cluster`;
  }

  nodeGroupStack(group: string): string {
    return `eksctl-${this.name}-nodegroup-${group}`;
  }

  /** Tags CloudFormation puts on every resource of a stack (cfn/manager/api.go:92). */
  stackTags(): Tags {
    return {
      'alpha.eksctl.io/cluster-name': this.name,
      'eksctl.cluster.k8s.io/v1alpha1/cluster-name': this.name,
      'alpha.eksctl.io/eksctl-version': EKSCTL_VERSION,
      ...this.spec.metadata?.tags,
    };
  }

  /** The stack's tags with the Name eksctl gives: `<stack>/<logical id>`. */
  tags(logicalId: string, stack: string = this.clusterStack): Tags {
    return { ...this.stackTags(), Name: `${stack}/${logicalId}` };
  }

  /** A physical name as CloudFormation makes it up: `<stack>-<logical id>-<12 characters>`. */
  physicalName(logicalId: string, stack: string = this.clusterStack): string {
    const suffix = this.random.split(`${stack}/${logicalId}`).text(SUFFIX_LENGTH, SUFFIX_ALPHABET);
    return `${stack}-${logicalId}-${suffix}`;
  }

  /** The result, or the user's mistake at `path` with AWS's code and text. */
  must<Result>(result: Result | AwsError, path: Path): Result {
    if (!isAwsError(result)) return result;
    throw new InputError(
      this.config.where(path),
      `${result.code}: ${result.message}`,
      hintFor(result),
    );
  }

  refuse(path: Path, problem: string, hint: string): never {
    throw new InputError(this.config.where(path), problem, hint);
  }

  note(path: Path, text: string): void {
    this.notes.push({ where: this.config.where(path), text });
  }
}

/** `us-west-2a` as eksctl writes it in logical ids: `USWEST2A` (builder/utils formatAZ). */
export const logicalZone = (zone: string): string => zone.toUpperCase().replaceAll('-', '');
