/**
 * cli/render/gateway — Gateway API's objects with kubectl's columns.
 *
 * Upstream: kubernetes-sigs/gateway-api@v1.6.0 config/crd/standard, additionalPrinterColumns.
 */
import type { Gateway, GatewayClass, ListenerSet } from '../../model/kubernetes/gateway.ts';
import type { TargetGroupConfiguration } from '../../model/kubernetes/gateway-configuration.ts';
import type { Condition } from '../../model/kubernetes/meta.ts';
import type { GrpcRoute, HttpRoute } from '../../model/kubernetes/route.ts';
import { ageColumn, nameColumn, type Printer } from './printer.ts';

const statusOf = (conditions: readonly Condition[] = [], wanted: string): string | undefined =>
  conditions.find(({ type }) => type === wanted)?.status;

export const gatewayClassColumns: Printer<GatewayClass> = (view) => [
  nameColumn,
  { head: 'CONTROLLER', cell: ({ spec }) => spec.controllerName },
  { head: 'ACCEPTED', cell: ({ status }) => statusOf(status?.conditions, 'Accepted') },
  ageColumn(view),
];

export const gatewayColumns: Printer<Gateway> = (view) => [
  nameColumn,
  { head: 'CLASS', cell: ({ spec }) => spec.gatewayClassName },
  {
    head: 'ADDRESS',
    cell: ({ status }) => (status?.addresses ?? []).map(({ value }) => value).join(','),
  },
  { head: 'PROGRAMMED', cell: ({ status }) => statusOf(status?.conditions, 'Programmed') },
  ageColumn(view),
];

export const listenerSetColumns: Printer<ListenerSet> = (view) => [
  nameColumn,
  { head: 'ACCEPTED', cell: ({ status }) => statusOf(status?.conditions, 'Accepted') },
  { head: 'PROGRAMMED', cell: ({ status }) => statusOf(status?.conditions, 'Programmed') },
  ageColumn(view),
];

export const targetGroupConfigurationColumns: Printer<TargetGroupConfiguration> = (view) => [
  nameColumn,
  { head: 'SERVICE-NAME', cell: ({ spec }) => spec.targetReference?.name },
  ageColumn(view),
];

export const routeColumns: Printer<HttpRoute | GrpcRoute> = (view) => [
  nameColumn,
  {
    head: 'HOSTNAMES',
    cell: ({ spec }) => (spec.hostnames === undefined ? '' : JSON.stringify(spec.hostnames)),
  },
  ageColumn(view),
];
