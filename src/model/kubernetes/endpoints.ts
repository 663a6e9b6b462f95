/** model/kubernetes/endpoints — v1 Endpoints, which EndpointSlices took the place of. */
import type { KubernetesObject } from './meta.ts';

export interface EndpointAddress {
  readonly ip: string;
  readonly hostname?: string | undefined;
  readonly nodeName?: string | undefined;
  readonly targetRef?: object | undefined;
}

export interface EndpointSubset {
  readonly addresses?: readonly EndpointAddress[] | undefined;
  readonly notReadyAddresses?: readonly EndpointAddress[] | undefined;
  readonly ports?:
    | readonly {
        readonly name?: string | undefined;
        readonly port: number;
        readonly protocol?: string | undefined;
        readonly appProtocol?: string | undefined;
      }[]
    | undefined;
}

export interface Endpoints extends KubernetesObject {
  readonly subsets?: readonly EndpointSubset[] | undefined;
}
