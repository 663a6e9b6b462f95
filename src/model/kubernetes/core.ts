/** model/kubernetes/core — the kinds of core/v1 that we read field by field. */
import type { Condition, KubernetesObject, LabelSelector, Labels, ObjectMeta } from './meta.ts';

/** A resource amount as Kubernetes writes it: `100m`, `170Mi`, 1. See quantity.ts. */
export type Quantity = string | number;
export type ResourceList = Readonly<Record<string, Quantity>>;

export interface ContainerPort {
  readonly name?: string | undefined;
  readonly containerPort: number;
  readonly hostPort?: number | undefined;
  readonly hostIP?: string | undefined;
  readonly protocol?: 'TCP' | 'UDP' | 'SCTP' | undefined;
}

export interface EnvVar {
  readonly name: string;
  readonly value?: string | undefined;
  readonly valueFrom?: unknown;
}

export interface Probe {
  readonly httpGet?:
    | {
        readonly path?: string;
        readonly port: number | string;
        readonly scheme?: string;
        readonly host?: string;
      }
    | undefined;
  readonly tcpSocket?: { readonly port: number | string; readonly host?: string } | undefined;
  readonly exec?: { readonly command?: readonly string[] } | undefined;
  readonly grpc?: { readonly port: number; readonly service?: string } | undefined;
  readonly initialDelaySeconds?: number | undefined;
  readonly periodSeconds?: number | undefined;
  readonly timeoutSeconds?: number | undefined;
  readonly successThreshold?: number | undefined;
  readonly failureThreshold?: number | undefined;
}

export interface Container {
  readonly name: string;
  readonly image?: string | undefined;
  readonly command?: readonly string[] | undefined;
  readonly args?: readonly string[] | undefined;
  readonly ports?: readonly ContainerPort[] | undefined;
  readonly env?: readonly EnvVar[] | undefined;
  readonly resources?:
    | { readonly requests?: ResourceList | undefined; readonly limits?: ResourceList | undefined }
    | undefined;
  readonly readinessProbe?: Probe | undefined;
  readonly livenessProbe?: Probe | undefined;
  readonly startupProbe?: Probe | undefined;
  readonly restartPolicy?: string | undefined;
  readonly [field: string]: unknown;
}

/** A container that somebody put into a running pod to look around; nothing starts it again. */
export interface EphemeralContainer extends Container {
  readonly targetContainerName?: string | undefined;
}

export interface Toleration {
  readonly key?: string | undefined;
  readonly operator?: 'Exists' | 'Equal' | undefined;
  readonly value?: string | undefined;
  readonly effect?: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute' | undefined;
  readonly tolerationSeconds?: number | undefined;
}

export interface NodeSelectorRequirement {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt';
  readonly values?: readonly string[] | undefined;
}

export interface NodeSelectorTerm {
  readonly matchExpressions?: readonly NodeSelectorRequirement[] | undefined;
  readonly matchFields?: readonly NodeSelectorRequirement[] | undefined;
}

export interface PodAffinityTerm {
  readonly labelSelector?: LabelSelector | undefined;
  readonly namespaceSelector?: LabelSelector | undefined;
  readonly namespaces?: readonly string[] | undefined;
  readonly topologyKey: string;
  readonly matchLabelKeys?: readonly string[] | undefined;
}

export interface PodAffinity {
  readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly PodAffinityTerm[] | undefined;
  readonly preferredDuringSchedulingIgnoredDuringExecution?:
    | readonly { readonly weight: number; readonly podAffinityTerm: PodAffinityTerm }[]
    | undefined;
}

export interface Affinity {
  readonly nodeAffinity?:
    | {
        readonly requiredDuringSchedulingIgnoredDuringExecution?:
          | { readonly nodeSelectorTerms: readonly NodeSelectorTerm[] }
          | undefined;
        readonly preferredDuringSchedulingIgnoredDuringExecution?:
          | readonly { readonly weight: number; readonly preference: NodeSelectorTerm }[]
          | undefined;
      }
    | undefined;
  readonly podAffinity?: PodAffinity | undefined;
  readonly podAntiAffinity?: PodAffinity | undefined;
}

export interface TopologySpreadConstraint {
  readonly maxSkew: number;
  readonly topologyKey: string;
  readonly whenUnsatisfiable: 'DoNotSchedule' | 'ScheduleAnyway';
  readonly labelSelector?: LabelSelector | undefined;
  readonly minDomains?: number | undefined;
  readonly matchLabelKeys?: readonly string[] | undefined;
  readonly nodeAffinityPolicy?: 'Honor' | 'Ignore' | undefined;
  readonly nodeTaintsPolicy?: 'Honor' | 'Ignore' | undefined;
}

export interface PodSpec {
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[] | undefined;
  /** Added while the pod runs, by `kubectl debug`. */
  readonly ephemeralContainers?: readonly EphemeralContainer[] | undefined;
  readonly nodeName?: string | undefined;
  readonly nodeSelector?: Labels | undefined;
  readonly affinity?: Affinity | undefined;
  readonly tolerations?: readonly Toleration[] | undefined;
  readonly topologySpreadConstraints?: readonly TopologySpreadConstraint[] | undefined;
  readonly hostNetwork?: boolean | undefined;
  readonly serviceAccountName?: string | undefined;
  readonly restartPolicy?: 'Always' | 'OnFailure' | 'Never' | undefined;
  readonly terminationGracePeriodSeconds?: number | undefined;
  readonly dnsPolicy?: string | undefined;
  readonly hostname?: string | undefined;
  readonly subdomain?: string | undefined;
  readonly priorityClassName?: string | undefined;
  readonly priority?: number | undefined;
  readonly schedulerName?: string | undefined;
  readonly readinessGates?: readonly { readonly conditionType: string }[] | undefined;
  readonly overhead?: ResourceList | undefined;
  readonly [field: string]: unknown;
}

export interface ContainerStatus {
  readonly name: string;
  readonly ready: boolean;
  readonly restartCount: number;
  readonly image: string;
  readonly imageID: string;
  readonly containerID?: string | undefined;
  readonly started?: boolean | undefined;
  readonly state?:
    | {
        readonly running?: { readonly startedAt: string } | undefined;
        readonly waiting?:
          | { readonly reason: string; readonly message?: string | undefined }
          | undefined;
        readonly terminated?:
          | {
              readonly exitCode: number;
              readonly reason: string;
              readonly finishedAt?: string;
              readonly startedAt?: string;
            }
          | undefined;
      }
    | undefined;
  readonly lastState?: unknown;
}

export interface PodStatus {
  readonly phase?: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown' | undefined;
  readonly podIP?: string | undefined;
  readonly podIPs?: readonly { readonly ip: string }[] | undefined;
  readonly hostIP?: string | undefined;
  readonly hostIPs?: readonly { readonly ip: string }[] | undefined;
  readonly conditions?: readonly Condition[] | undefined;
  readonly containerStatuses?: readonly ContainerStatus[] | undefined;
  readonly initContainerStatuses?: readonly ContainerStatus[] | undefined;
  readonly ephemeralContainerStatuses?: readonly ContainerStatus[] | undefined;
  readonly startTime?: string | undefined;
  readonly qosClass?: string | undefined;
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
  readonly nominatedNodeName?: string | undefined;
}

export interface Pod extends KubernetesObject {
  readonly spec: PodSpec;
  readonly status?: PodStatus | undefined;
}

export interface PodTemplateSpec {
  readonly metadata?: Partial<ObjectMeta> | undefined;
  readonly spec: PodSpec;
}

export interface Taint {
  readonly key: string;
  readonly value?: string | undefined;
  readonly effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
  readonly timeAdded?: string | undefined;
}

export interface Node extends KubernetesObject {
  readonly spec: {
    /** `aws:///us-west-2a/i-0123…`. */
    readonly providerID?: string | undefined;
    readonly podCIDR?: string | undefined;
    readonly unschedulable?: boolean | undefined;
    readonly taints?: readonly Taint[] | undefined;
  };
  readonly status?:
    | {
        readonly capacity?: ResourceList | undefined;
        readonly allocatable?: ResourceList | undefined;
        readonly conditions?: readonly Condition[] | undefined;
        readonly addresses?:
          | readonly { readonly type: string; readonly address: string }[]
          | undefined;
        readonly nodeInfo?: Readonly<Record<string, string>> | undefined;
        readonly daemonEndpoints?: unknown;
        readonly images?: unknown;
      }
    | undefined;
}

export interface ServicePort {
  readonly name?: string | undefined;
  readonly protocol?: 'TCP' | 'UDP' | 'SCTP' | undefined;
  readonly appProtocol?: string | undefined;
  readonly port: number;
  readonly targetPort?: number | string | undefined;
  readonly nodePort?: number | undefined;
}

export interface ServiceSpec {
  readonly type?: 'ClusterIP' | 'NodePort' | 'LoadBalancer' | 'ExternalName' | undefined;
  readonly clusterIP?: string | undefined;
  readonly clusterIPs?: readonly string[] | undefined;
  readonly selector?: Labels | undefined;
  readonly ports?: readonly ServicePort[] | undefined;
  readonly externalIPs?: readonly string[] | undefined;
  readonly externalName?: string | undefined;
  readonly sessionAffinity?: 'None' | 'ClientIP' | undefined;
  readonly sessionAffinityConfig?:
    | { readonly clientIP?: { readonly timeoutSeconds?: number } }
    | undefined;
  readonly externalTrafficPolicy?: 'Cluster' | 'Local' | undefined;
  readonly internalTrafficPolicy?: 'Cluster' | 'Local' | undefined;
  readonly trafficDistribution?: string | undefined;
  readonly healthCheckNodePort?: number | undefined;
  readonly publishNotReadyAddresses?: boolean | undefined;
  readonly ipFamilies?: readonly ('IPv4' | 'IPv6')[] | undefined;
  readonly ipFamilyPolicy?: 'SingleStack' | 'PreferDualStack' | 'RequireDualStack' | undefined;
  readonly loadBalancerClass?: string | undefined;
  readonly loadBalancerIP?: string | undefined;
  readonly loadBalancerSourceRanges?: readonly string[] | undefined;
  readonly allocateLoadBalancerNodePorts?: boolean | undefined;
}

export interface Service extends KubernetesObject {
  readonly spec: ServiceSpec;
  readonly status?:
    | {
        readonly loadBalancer?:
          | {
              readonly ingress?: readonly {
                readonly ip?: string;
                readonly hostname?: string;
                readonly ipMode?: string;
                readonly ports?: readonly { readonly port: number; readonly protocol?: string }[];
              }[];
            }
          | undefined;
        readonly conditions?: readonly Condition[];
      }
    | undefined;
}

export interface Namespace extends KubernetesObject {
  readonly spec?: { readonly finalizers?: readonly string[] } | undefined;
  readonly status?: { readonly phase?: 'Active' | 'Terminating' } | undefined;
}

export interface Event extends KubernetesObject {
  readonly involvedObject: {
    readonly apiVersion?: string | undefined;
    readonly kind: string;
    readonly namespace?: string | undefined;
    readonly name: string;
    readonly uid?: string | undefined;
  };
  readonly reason: string;
  readonly message: string;
  readonly type: 'Normal' | 'Warning';
  readonly count: number;
  readonly firstTimestamp: string;
  readonly lastTimestamp: string;
  readonly source: { readonly component: string; readonly host?: string | undefined };
}

export interface ConfigMap extends KubernetesObject {
  readonly data?: Labels | undefined;
}
