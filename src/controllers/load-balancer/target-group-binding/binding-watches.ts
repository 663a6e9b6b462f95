/**
 * load-balancer/target-group-binding/binding-watches — which bindings a change concerns: those of
 * the Service for endpoints and ports, those by instance for nodes, those a pod's gates name.
 *
 * Upstream: aws-load-balancer-controller@225f4456 controllers/elbv2/eventhandlers/*.go.
 */
import { isEqual } from '../../../cluster/equal.ts';
import type { NetworkInterface } from '../../../model/ec2/network-interface.ts';
import type { Kinds, TwinStore } from '../../../model/kinds.ts';
import type { Node, Pod } from '../../../model/kubernetes/core.ts';
import type { TargetGroupBinding } from '../../../model/kubernetes/load-balancer.ts';
import { keyOf } from '../../../model/kubernetes/meta.ts';
import type { EndpointSlice } from '../../../model/kubernetes/networking.ts';
import { type Request, type Watch, watch } from '../../../sim/controller.ts';
import type { BindingNetworking } from '../networking/binding-networking.ts';
import type { LookAgain } from './look-again.ts';
import { isSelected, isSuitable, readyStatus } from './node-endpoints.ts';
import { GATE_PREFIX, LEGACY_GATE_PREFIX } from './readiness-gate.ts';

const NOTHING: readonly Request[] = [];
const DNS_1123_SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** @param networking  told of every binding that comes, changes or goes */
export function bindingWatches(
  store: TwinStore,
  lookAgain: LookAgain,
  networking: BindingNetworking,
): readonly Watch<Kinds>[] {
  /** Bindings by instance, the only ones a node concerns. */
  const byInstance = new Set<Request>();
  const ofService = (service: string, type: 'ip' | 'instance'): Request[] =>
    store
      .lookup('TargetGroupBinding', 'service', service)
      .filter(({ spec }) => spec.targetType === type)
      .map((binding) => lookAgain.changed(keyOf(binding)));
  return [
    watch<Kinds, 'TargetGroupBinding'>('TargetGroupBinding', ({ key, value }) => {
      networking.see(key, value);
      if (value?.spec?.targetType === 'instance') byInstance.add(key);
      else byInstance.delete(key);
      return [lookAgain.changed(key)];
    }),
    watch<Kinds, 'Service'>('Service', ({ key, value, previous }) =>
      value !== undefined &&
      previous !== undefined &&
      isEqual(value.spec.ports, previous.spec.ports)
        ? NOTHING
        : ofService(key, 'instance'),
    ),
    watch<Kinds, 'EndpointSlice'>('EndpointSlice', ({ value, previous }) => {
      const service = serviceOf(value ?? previous!);
      if (service === undefined || isSameSlice(value, previous)) return NOTHING;
      return ofService(service, 'ip');
    }),
    watch<Kinds, 'Node'>('Node', ({ value, previous }) => {
      if (byInstance.size === 0 || isSameNode(value, previous)) return NOTHING;
      return [...byInstance].filter((key) => {
        const binding = store.get('TargetGroupBinding', key);
        const concerned = binding !== undefined && concerns(binding, previous, value);
        if (concerned) lookAgain.changed(key);
        return concerned;
      });
    }),
    watch<Kinds, 'Pod'>('Pod', ({ value, previous }) =>
      gatedBindings(value ?? previous!).map((key) => lookAgain.changed(key)),
    ),
    watch<Kinds, 'elbv2/target'>('elbv2/target', ({ value, previous }) =>
      lookAgain.targetChanged((value ?? previous!).targetGroupArn),
    ),
    watch<Kinds, 'ec2/security-group'>('ec2/security-group', () => lookAgain.cloudChanged()),
    watch<Kinds, 'ec2/network-interface'>('ec2/network-interface', ({ value, previous }) =>
      isSameToPods(value, previous) ? NOTHING : lookAgain.cloudChanged(),
    ),
  ];
}

function serviceOf({ metadata }: EndpointSlice): string | undefined {
  const name = metadata.labels?.['kubernetes.io/service-name'];
  return name === undefined ? undefined : `${metadata.namespace}/${name}`;
}

const isSameSlice = (a: EndpointSlice | undefined, b: EndpointSlice | undefined): boolean =>
  a !== undefined &&
  b !== undefined &&
  isEqual(a.ports, b.ports) &&
  isEqual(a.endpoints, b.endpoints);

/** Nothing of the node has changed that decides where it is a target. */
const isSameNode = (a: Node | undefined, b: Node | undefined): boolean =>
  a !== undefined &&
  b !== undefined &&
  readyStatus(a) === readyStatus(b) &&
  isEqual(a.metadata.labels, b.metadata.labels) &&
  isSuitable(a) === isSuitable(b);

/** node.go shouldEnqueueTGBDueToNodeEvent. */
function concerns(
  binding: TargetGroupBinding,
  before: Node | undefined,
  after: Node | undefined,
): boolean {
  const takes = (node: Node | undefined): boolean =>
    node !== undefined && isSuitable(node) && isSelected(binding, node);
  const status = (node: Node | undefined): string => (node && readyStatus(node)) ?? 'False';
  const [took, takesNow] = [takes(before), takes(after)];
  if (took && takesNow) return status(before) !== status(after);
  if (took) return status(before) !== 'False';
  return takesNow && status(after) !== 'False';
}

/** The bindings that a pod's readiness gates name. */
function gatedBindings({ metadata, spec }: Pod): Request[] {
  const { readinessGates = [] } = spec;
  if (readinessGates.length === 0) return [];
  return readinessGates.flatMap(({ conditionType }) => {
    const slash = conditionType.indexOf('/');
    const prefix = conditionType.slice(0, slash);
    const name = conditionType.slice(slash + 1);
    if (prefix !== GATE_PREFIX && prefix !== LEGACY_GATE_PREFIX) return [];
    return DNS_1123_SUBDOMAIN.test(name) ? [`${metadata.namespace}/${name}`] : [];
  });
}

/** Most changes of an interface are addresses that come and go; groups decide the rules. */
const isSameToPods = (a: NetworkInterface | undefined, b: NetworkInterface | undefined): boolean =>
  a !== undefined && b !== undefined && a.groups === b.groups;
