/**
 * controllers/load-balancer/stack/stack — what a group of Ingresses, a Service or a Gateway asks of
 * AWS: resources that refer to each other, before any of them exists.
 *
 * Upstream: aws-load-balancer-controller@225f4456 pkg/model/core/stack.go, stack_id.go.
 */
import type { CertificateSpec } from './certificate-spec.ts';
import type { ListenerRuleSpec, ListenerSpec } from './listener-spec.ts';
import type {
  LoadBalancerSpec,
  ProtectionSpec,
  RegionalWebAclAssociationSpec,
  WebAclAssociationSpec,
} from './load-balancer-spec.ts';
import type { SecurityGroupSpec } from './security-group-spec.ts';
import type {
  FrontendTargetGroups,
  TargetGroupBindingResourceSpec,
  TargetGroupSpec,
} from './target-group-spec.ts';

/** Every type of resource with its spec. */
export interface ResourceSpecs {
  'AWS::ACM::Certificate': CertificateSpec;
  'AWS::EC2::SecurityGroup': SecurityGroupSpec;
  'AWS::ElasticLoadBalancingV2::LoadBalancer': LoadBalancerSpec;
  'AWS::ElasticLoadBalancingV2::Listener': ListenerSpec;
  'AWS::ElasticLoadBalancingV2::ListenerRule': ListenerRuleSpec;
  'AWS::ElasticLoadBalancingV2::TargetGroup': TargetGroupSpec;
  'K8S::ElasticLoadBalancingV2::TargetGroupBinding': TargetGroupBindingResourceSpec;
  'AWS::WAFv2::WebACLAssociation': WebAclAssociationSpec;
  'AWS::WAFRegional::WebACLAssociation': RegionalWebAclAssociationSpec;
  'AWS::Shield::Protection': ProtectionSpec;
  FrontendNLBTargetGroup: FrontendTargetGroups;
}

export type ResourceType = keyof ResourceSpecs;

/** Whose stack it is: an explicit group has a name only, everything else a namespace too. */
export interface StackId {
  readonly namespace?: string | undefined;
  readonly name: string;
}

/** As the resources' tags have it: `name`, or `namespace/name`. */
export const stackIdText = ({ namespace, name }: StackId): string =>
  namespace === undefined || namespace === '' ? name : `${namespace}/${name}`;

/** One resource: its id within its type, and what is wanted of it. */
export interface Resource<Type extends ResourceType> {
  readonly type: Type;
  readonly id: string;
  readonly spec: ResourceSpecs[Type];
}

type Held = { readonly [Type in ResourceType]?: Map<string, Resource<Type>> };

export class Stack {
  readonly id: StackId;
  readonly #held: { [Type in ResourceType]?: Map<string, Resource<Type>> } = {};

  constructor(id: StackId) {
    this.id = id;
  }

  /**
   * Adds a resource. Where its type has one of this id already the first one stays, silently: so it
   * is upstream, where nobody looks at the error (two Service ports of one number).
   */
  add<Type extends ResourceType>(type: Type, id: string, spec: ResourceSpecs[Type]): void {
    const ofType = this.#ofType(type) ?? this.#open(type);
    if (!ofType.has(id)) ofType.set(id, { type, id, spec });
  }

  get<Type extends ResourceType>(type: Type, id: string): Resource<Type> | undefined {
    return this.#ofType(type)?.get(id);
  }

  /** All of a type, in the order they were added. */
  list<Type extends ResourceType>(type: Type): readonly Resource<Type>[] {
    return [...(this.#ofType(type)?.values() ?? [])];
  }

  /** The types that have resources. */
  types(): readonly ResourceType[] {
    return Object.keys(this.#held) as ResourceType[];
  }

  #ofType<Type extends ResourceType>(type: Type): Map<string, Resource<Type>> | undefined {
    return (this.#held as Held)[type] as Map<string, Resource<Type>> | undefined;
  }

  #open<Type extends ResourceType>(type: Type): Map<string, Resource<Type>> {
    const opened = new Map<string, Resource<Type>>();
    (this.#held as Record<ResourceType, unknown>)[type] = opened;
    return opened;
  }
}
