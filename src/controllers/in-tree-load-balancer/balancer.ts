/**
 * controllers/in-tree-load-balancer/balancer — a Service's load balancer, Classic or network, as
 * the service controller asks for it.
 *
 * Follows kubernetes/cloud-provider-aws@63ec440c pkg/providers/v1/aws.go:2357-2465,2817-2846,
 * 3277-3453.
 */
import type { Node, Service } from '../../model/kubernetes/core.ts';
import { isExternal, isNetwork } from './annotations.ts';
import { classicBalancer, ensureClassicBalancer, syncInstances } from './classic-balancer.ts';
import { reconcileClassicNodeRules } from './classic-node-rules.ts';
import { classicListeners } from './classic-plan.ts';
import { deleteClassicBalancer, deleteNetworkBalancer } from './delete-balancer.ts';
import { ensureNetworkBalancer, networkBalancer } from './network-balancer.ts';
import { portMappings } from './network-plan.ts';
import type { Provider } from './provider.ts';
import { ProviderError } from './provider-error.ts';
import { checkAddress, checkService } from './service-checks.ts';
import { sourceRangesOf } from './source-ranges.ts';
import { targetInstances } from './target-nodes.ts';

/** Its name in DNS; or `elsewhere`, where the Service is left to another controller. */
export type Ensured = 'elsewhere' | { readonly hostname: string | undefined };

/** Makes it what the Service wants. */
export async function ensureBalancer(
  provider: Provider,
  service: Service,
  nodes: readonly Node[],
): Promise<Ensured> {
  if (isExternal(service)) return 'elsewhere';
  checkService(service);
  sourceRangesOf(service);
  if (isNetwork(service)) {
    const mappings = portMappings(service);
    checkAddress(service);
    const instances = await targetInstances(provider, service, nodes);
    const hostname = await ensureNetworkBalancer(provider, service, mappings, instances);
    return { hostname };
  }
  const listeners = classicListeners(service);
  checkAddress(service);
  const instances = await targetInstances(provider, service, nodes);
  return { hostname: await ensureClassicBalancer(provider, service, listeners, instances) };
}

/** Gives it the nodes there are now. */
export async function updateHosts(
  provider: Provider,
  service: Service,
  nodes: readonly Node[],
): Promise<void> {
  if (isExternal(service)) return;
  if (isNetwork(service)) {
    if ((await networkBalancer(provider, service)) === undefined) throw notFound();
    await ensureBalancer(provider, service, nodes);
    return;
  }
  const balancer = await classicBalancer(provider, service);
  if (balancer === undefined) throw notFound();
  const instances = await targetInstances(provider, service, nodes);
  await syncInstances(provider, balancer, instances);
  await reconcileClassicNodeRules(provider, service, balancer, instances);
}

const notFound = (): ProviderError => new ProviderError('Load balancer not found');

/** True while AWS has it. */
export async function hasBalancer(provider: Provider, service: Service): Promise<boolean> {
  if (isExternal(service)) return false;
  const find = isNetwork(service) ? networkBalancer : classicBalancer;
  return (await find(provider, service)) !== undefined;
}

/** Takes it away; one that is gone already is nothing to do. */
export async function deleteBalancer(provider: Provider, service: Service): Promise<void> {
  if (isExternal(service)) return;
  if (isNetwork(service)) {
    const balancer = await networkBalancer(provider, service);
    if (balancer !== undefined) await deleteNetworkBalancer(provider, service, balancer);
    return;
  }
  const balancer = await classicBalancer(provider, service);
  if (balancer !== undefined) await deleteClassicBalancer(provider, service, balancer);
}
