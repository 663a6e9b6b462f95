/**
 * formats/cloudformation/apply — makes a template's resources in the cloud, in order. A type that
 * says nothing about the network is declared, not simulated, and said so once.
 */
import type { Cloud } from '../../cloud/cloud.ts';
import { InputError, type Note } from '../../model/input-error.ts';
import type { TwinStore } from '../../model/kinds.ts';
import { nearestWords } from '../../model/nearest.ts';
import type { Path } from '../source.ts';
import { BALANCER_TYPES } from './balancer-resources.ts';
import { EKS_TYPES } from './eks-resources.ts';
import { GATEWAY_TYPES } from './gateway-resources.ts';
import { INSTANCE_TYPES } from './instance-resources.ts';
import { Resolver } from './intrinsic.ts';
import { NAME_TYPES } from './name-resources.ts';
import { Properties } from './properties.ts';
import { type Made, type MakeContext, mustAt, type ResourceType } from './resource-type.ts';
import { SECURITY_TYPES } from './security-resources.ts';
import { creationOrder, type Template, type TemplateResource } from './template.ts';
import { VPC_TYPES } from './vpc-resources.ts';

const TYPES: Readonly<Record<string, ResourceType>> = {
  ...VPC_TYPES,
  ...GATEWAY_TYPES,
  ...SECURITY_TYPES,
  ...INSTANCE_TYPES,
  ...EKS_TYPES,
  ...BALANCER_TYPES,
  ...NAME_TYPES,
};

/** Services whose resources can be left out without a packet noticing. */
const DECLARED_SERVICES = new Set(
  (
    'IAM Logs CloudWatch KMS SSM SecretsManager S3 SNS SQS Lambda CloudFormation ECR ACM ' +
    'CertificateManager Route53 AutoScaling ElasticLoadBalancingV2 ElasticLoadBalancing ' +
    'ElastiCache EFS DynamoDB Events Config CodeBuild GuardDuty Backup WAFv2'
  ).split(' '),
);
const DECLARED_TYPES = new Set(
  (
    'EKS::AccessEntry EKS::IdentityProviderConfig EKS::PodIdentityAssociation EC2::FlowLog ' +
    'EC2::KeyPair EC2::Volume EC2::VolumeAttachment EC2::DHCPOptions ' +
    'EC2::VPCDHCPOptionsAssociation EC2::CustomerGateway EC2::VPNConnection ' +
    'EC2::VPNConnectionRoute'
  ).split(' '),
);

const isDeclared = (type: string): boolean => {
  const [vendor, service = '', name = ''] = type.split('::');
  if (vendor === 'Custom') return true;
  if (vendor !== 'AWS') return false;
  return DECLARED_SERVICES.has(service) || DECLARED_TYPES.has(`${service}::${name}`);
};

export interface CloudFormationOptions {
  readonly cloud: Cloud;
  readonly store: TwinStore;
  readonly notes: Note[];
  readonly parameters: Readonly<Record<string, string>>;
}

/** Makes everything; throws InputError at the first resource that cannot be made. */
export function applyCloudFormation(template: Template, options: CloudFormationOptions): void {
  for (const name of Object.keys(options.parameters)) {
    if (Object.hasOwn(template.parameters, name)) continue;
    const near = nearestWords(name, Object.keys(template.parameters), 1)[0];
    throw new InputError(
      `--parameter ${name}`,
      `${template.file} has no parameter ${name}`,
      near === undefined ? 'see its Parameters section' : `did you mean ${near}?`,
    );
  }
  new Stack(template, options).make();
}

class Stack {
  readonly #template: Template;
  readonly #options: CloudFormationOptions;
  readonly #made = new Map<string, Made>();
  readonly #resolver: Resolver;

  constructor(template: Template, options: CloudFormationOptions) {
    this.#template = template;
    this.#options = options;
    const { cloud, parameters } = options;
    this.#resolver = new Resolver({
      template,
      region: cloud.region,
      accountId: cloud.accountId,
      zones: cloud.availabilityZones.map(({ name }) => name),
      parameters,
      ref: (logicalId) => this.#made.get(logicalId)?.ref,
      attribute: (logicalId, name, path) => this.#attribute(logicalId, name, path),
    });
  }

  make(): void {
    const declared = new Map<string, string[]>();
    for (const resource of creationOrder(this.#template)) {
      const { logicalId, type, condition } = resource;
      const path = ['Resources', logicalId];
      if (condition !== undefined && !this.#resolver.condition(condition, [...path, 'Condition']))
        continue;
      const known = TYPES[type];
      if (known !== undefined) {
        const properties = this.#propertiesOf(resource);
        properties.allow(type, known.properties);
        this.#made.set(logicalId, known.make(properties, this.#contextOf(resource, path)));
      } else {
        this.#declare(type, path);
        declared.set(type, [...(declared.get(type) ?? []), logicalId]);
        this.#made.set(logicalId, { ref: logicalId });
      }
    }
    for (const [type, ids] of declared) {
      const where = this.#template.where(['Resources', ids[0]!]);
      this.#options.notes.push({
        where,
        text: `${type} (${ids.join(', ')}) is declared, not simulated`,
      });
    }
  }

  #propertiesOf(resource: TemplateResource): Properties {
    const path = ['Resources', resource.logicalId, 'Properties'];
    const values = this.#resolver.resolve(resource.properties, path) as Record<string, unknown>;
    return new Properties(this.#template, path, values);
  }

  #contextOf(resource: TemplateResource, path: Path): MakeContext {
    const { cloud, store, notes } = this.#options;
    return {
      cloud,
      store,
      notes,
      template: this.#template,
      logicalId: resource.logicalId,
      path,
      must: mustAt(this.#template, path),
      propertiesOf: (logicalId) => this.#propertiesOf(this.#template.resources.get(logicalId)!),
    };
  }

  /** A type we do not make must at least be one that exists, or a typing mistake would pass. */
  #declare(type: string, path: Path): void {
    if (isDeclared(type)) return;
    const near = nearestWords(type, Object.keys(TYPES), 1)[0];
    throw new InputError(
      this.#template.where([...path, 'Type']),
      `Unrecognized resource types: [${type}]`,
      near === undefined
        ? 'ekstwin does not know what it would do to the network; leave it out'
        : `did you mean ${near}?`,
    );
  }

  #attribute(logicalId: string, name: string, path: Path): unknown {
    const made = this.#made.get(logicalId);
    const attribute = made?.attributes?.[name];
    if (attribute !== undefined) return attribute();
    const { type } = this.#template.resources.get(logicalId)!;
    // ARNs and names of what is declared only are never looked at; any text will do for them.
    if (made !== undefined && TYPES[type] === undefined) return `${logicalId}.${name}`;
    const known = Object.keys(made?.attributes ?? {});
    throw new InputError(
      this.#template.where(path),
      made === undefined
        ? `${logicalId} was not made: its condition is false`
        : `Requested attribute ${name} does not exist in schema for ${type}`,
      known.length === 0
        ? 'leave the reference out, or guard it with Fn::If'
        : `${logicalId} has ${known.join(', ')}`,
    );
  }
}
