/**
 * model/kubernetes/route — the routes of Gateway API: which requests or connections of a listener
 * go to which backends.
 *
 * Upstream: kubernetes-sigs/gateway-api@v1.6.0 apis/v1/httproute_types.go, grpcroute_types.go,
 * tcproute_types.go, shared_types.go.
 */
import type { Condition, KubernetesObject } from './meta.ts';

export const ROUTE_KINDS = ['HTTPRoute', 'GRPCRoute', 'TCPRoute', 'UDPRoute', 'TLSRoute'] as const;
export type RouteKind = (typeof ROUTE_KINDS)[number];

/** A Gateway or a ListenerSet, all of it or one listener. */
export interface ParentReference {
  readonly group?: string | undefined;
  readonly kind?: string | undefined;
  readonly namespace?: string | undefined;
  readonly name: string;
  readonly sectionName?: string | undefined;
  readonly port?: number | undefined;
}

export interface BackendRef {
  readonly group?: string | undefined;
  readonly kind?: string | undefined;
  readonly name: string;
  readonly namespace?: string | undefined;
  readonly port?: number | undefined;
  /** 1 when nobody says. */
  readonly weight?: number | undefined;
}

interface HeaderMatch {
  readonly type?: 'Exact' | 'RegularExpression' | undefined;
  readonly name: string;
  readonly value: string;
}

/** All of it must hold. Admission gives every match a path. */
export interface HttpMatch {
  readonly path?:
    | {
        readonly type?: 'Exact' | 'PathPrefix' | 'RegularExpression' | undefined;
        readonly value?: string | undefined;
      }
    | undefined;
  readonly headers?: readonly HeaderMatch[] | undefined;
  readonly queryParams?: readonly HeaderMatch[] | undefined;
  readonly method?: string | undefined;
}

export interface GrpcMatch {
  readonly method?:
    | {
        readonly type?: 'Exact' | 'RegularExpression' | undefined;
        readonly service?: string | undefined;
        readonly method?: string | undefined;
      }
    | undefined;
  readonly headers?: readonly HeaderMatch[] | undefined;
}

export interface PathModifier {
  readonly type: 'ReplaceFullPath' | 'ReplacePrefixMatch';
  readonly replaceFullPath?: string | undefined;
  readonly replacePrefixMatch?: string | undefined;
}

export interface RequestRedirect {
  readonly scheme?: string | undefined;
  readonly hostname?: string | undefined;
  readonly path?: PathModifier | undefined;
  readonly port?: number | undefined;
  readonly statusCode?: number | undefined;
}

/** An extension is a ListenerRuleConfiguration of the route's namespace, if it is anything here. */
export interface RouteFilter {
  readonly type: string;
  readonly requestRedirect?: RequestRedirect | undefined;
  readonly urlRewrite?:
    | { readonly hostname?: string | undefined; readonly path?: PathModifier | undefined }
    | undefined;
  readonly extensionRef?:
    | { readonly group: string; readonly kind: string; readonly name: string }
    | undefined;
}

interface Rule<Match> {
  readonly matches?: readonly Match[] | undefined;
  readonly filters?: readonly RouteFilter[] | undefined;
  readonly backendRefs?: readonly BackendRef[] | undefined;
}

export type HttpRule = Rule<HttpMatch>;
export type GrpcRule = Rule<GrpcMatch>;
/** Of TCP, UDP and TLS. */
export type ConnectionRule = Pick<Rule<never>, 'backendRefs'>;

/** What became of one parent reference. */
export interface RouteParentStatus {
  readonly parentRef: ParentReference;
  readonly controllerName: string;
  readonly conditions: readonly Condition[];
}

export interface Route<Kind extends RouteKind, OwnRule> extends KubernetesObject {
  readonly kind: Kind;
  readonly spec: {
    readonly parentRefs?: readonly ParentReference[] | undefined;
    readonly hostnames?: readonly string[] | undefined;
    readonly rules?: readonly OwnRule[] | undefined;
  };
  readonly status?: { readonly parents?: readonly RouteParentStatus[] | undefined } | undefined;
}

export type HttpRoute = Route<'HTTPRoute', HttpRule>;
export type GrpcRoute = Route<'GRPCRoute', GrpcRule>;
export type TcpRoute = Route<'TCPRoute', ConnectionRule>;
export type UdpRoute = Route<'UDPRoute', ConnectionRule>;
export type TlsRoute = Route<'TLSRoute', ConnectionRule>;
export type AnyRoute = HttpRoute | GrpcRoute | TcpRoute | UdpRoute | TlsRoute;
