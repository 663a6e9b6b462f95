/** model/kubernetes/networking — discovery and networking kinds, and the CRDs of EKS's network. */
import type { KubernetesObject, LabelSelector, Labels } from './meta.ts';

export interface Endpoint {
  readonly addresses: readonly string[];
  readonly conditions?:
    | {
        readonly ready?: boolean | undefined;
        readonly serving?: boolean | undefined;
        readonly terminating?: boolean | undefined;
      }
    | undefined;
  readonly hostname?: string | undefined;
  readonly nodeName?: string | undefined;
  readonly zone?: string | undefined;
  readonly hints?:
    | {
        readonly forZones?: readonly { readonly name: string }[] | undefined;
        readonly forNodes?: readonly { readonly name: string }[] | undefined;
      }
    | undefined;
  readonly targetRef?:
    | {
        readonly kind: string;
        readonly namespace?: string | undefined;
        readonly name: string;
        readonly uid?: string | undefined;
      }
    | undefined;
}

export interface EndpointSlice extends KubernetesObject {
  readonly addressType: 'IPv4' | 'IPv6' | 'FQDN';
  readonly endpoints: readonly Endpoint[];
  readonly ports: readonly {
    readonly name?: string | undefined;
    readonly protocol?: string | undefined;
    readonly port?: number | undefined;
    readonly appProtocol?: string | undefined;
  }[];
}

export interface NetworkPolicyPeer {
  readonly podSelector?: LabelSelector | undefined;
  readonly namespaceSelector?: LabelSelector | undefined;
  readonly ipBlock?:
    | { readonly cidr: string; readonly except?: readonly string[] | undefined }
    | undefined;
}

export interface NetworkPolicyPort {
  readonly port?: number | string | undefined;
  readonly protocol?: 'TCP' | 'UDP' | 'SCTP' | undefined;
  readonly endPort?: number | undefined;
}

export interface NetworkPolicy extends KubernetesObject {
  readonly spec: {
    readonly podSelector: LabelSelector;
    readonly policyTypes?: readonly ('Ingress' | 'Egress')[] | undefined;
    readonly ingress?:
      | readonly {
          readonly from?: readonly NetworkPolicyPeer[] | undefined;
          readonly ports?: readonly NetworkPolicyPort[] | undefined;
        }[]
      | undefined;
    readonly egress?:
      | readonly {
          readonly to?: readonly NetworkPolicyPeer[] | undefined;
          readonly ports?: readonly NetworkPolicyPort[] | undefined;
        }[]
      | undefined;
  };
}

/** crd.k8s.amazonaws.com/v1alpha1: where custom networking takes pod addresses from. */
export interface EniConfig extends KubernetesObject {
  readonly spec: {
    readonly subnet?: string | undefined;
    readonly securityGroups?: readonly string[] | undefined;
  };
}

/** vpcresources.k8s.aws/v1alpha1: what a node can do, told between CNI and resource controller. */
export interface CniNode extends KubernetesObject {
  readonly spec: {
    readonly features?:
      | readonly { readonly name: string; readonly value?: string | undefined }[]
      | undefined;
    readonly tags?: Labels | undefined;
  };
}

/** vpcresources.k8s.aws/v1beta1: which pods get security groups of their own. */
export interface SecurityGroupPolicy extends KubernetesObject {
  readonly spec: {
    readonly podSelector?: LabelSelector | undefined;
    readonly serviceAccountSelector?: LabelSelector | undefined;
    readonly securityGroups?: { readonly groupIds?: readonly string[] | undefined } | undefined;
  };
}

/** k8s.cni.cncf.io/v1: an extra interface that Multus gives to pods that ask for it. */
export interface NetworkAttachmentDefinition extends KubernetesObject {
  readonly spec?: { readonly config?: string | undefined } | undefined;
}
