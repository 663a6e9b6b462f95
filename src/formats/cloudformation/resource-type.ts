/** formats/cloudformation/resource-type — how one type of resource is made from its properties. */
import type { Cloud } from '../../cloud/cloud.ts';
import { type AwsError, isAwsError } from '../../model/aws-error.ts';
import { InputError, type Note } from '../../model/input-error.ts';
import type { TwinStore } from '../../model/kinds.ts';
import type { Path } from '../source.ts';
import type { Properties } from './properties.ts';
import type { Template } from './template.ts';

/** What a made resource gives to `Ref` and `Fn::GetAtt`. */
export interface Made {
  readonly ref: string;
  /** Attributes as they are when asked: a VPC's IPv6 block may come later. */
  readonly attributes?: Readonly<Record<string, () => unknown>> | undefined;
}

/** A resource whose `Ref` is its id, which one attribute gives too. */
export const madeAs = (id: string, attribute: string): Made => ({
  ref: id,
  attributes: { [attribute]: () => id },
});

export interface MakeContext {
  readonly cloud: Cloud;
  readonly store: TwinStore;
  readonly template: Template;
  readonly notes: Note[];
  readonly logicalId: string;
  readonly path: Path;
  /** Another resource's properties, resolved: a launch template's, for the group that names it. */
  readonly propertiesOf: (logicalId: string) => Properties;
  /** The result, or AWS's refusal as the user's mistake at the resource's place. */
  must<Result>(result: Result | AwsError): Result;
}

export interface ResourceType {
  /** Every property CloudFormation knows for the type; those we do not use are accepted. */
  readonly properties: readonly string[];
  readonly make: (properties: Properties, context: MakeContext) => Made;
}

export const mustAt =
  (template: Template, path: Path) =>
  <Result>(result: Result | AwsError): Result => {
    if (!isAwsError(result)) return result;
    throw new InputError(
      template.where(path),
      `${result.code}: ${result.message}`,
      'AWS would refuse this resource; change what the message names',
    );
  };
