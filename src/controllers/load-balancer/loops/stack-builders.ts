/**
 * load-balancer/loops/stack-builders — the stack of one group of Ingresses, of one Service or
 * Gateway as the loops would build it now, deployed by nobody: what a preview prints.
 */
import type { TwinStore } from '../../../model/kinds.ts';
import { BuildError } from '../build-error.ts';
import { buildIngressGroup } from '../ingress/build-ingress.ts';
import { groupOfText } from '../ingress/group.ts';
import { loadGroup } from '../ingress/group-loading.ts';
import type { IngressReads } from '../ingress/ingress-reads.ts';
import { storeLookups } from '../ingress/store-lookups.ts';
import { buildService } from '../service/build-service.ts';
import type { ServiceReads } from '../service/service-reads.ts';
import type { ControllerSettings } from '../settings/settings.ts';
import type { Stack } from '../stack/stack.ts';

export interface StackBuilders {
  /** @param group  `namespace/name` of an Ingress by itself, or a group's name */
  ofGroup(group: string): Promise<Stack | BuildError>;
  /** @param key  `namespace/name`; undefined where there is no such Service */
  ofService(key: string): Promise<Stack | BuildError | undefined>;
  /** @param key  `namespace/name`; undefined where no Gateway of the controller's has it */
  ofGateway(key: string): Promise<Stack | BuildError | undefined>;
}

/** Builders that ask what the loops ask. */
export const stackBuilders = (
  store: TwinStore,
  settings: ControllerSettings,
  ingresses: IngressReads,
  services: ServiceReads,
): Omit<StackBuilders, 'ofGateway'> => ({
  async ofGroup(group) {
    const loaded = loadGroup(groupOfText(group), storeLookups(store), settings.ingressClass);
    const built = await buildIngressGroup(loaded, settings, ingresses);
    return built instanceof BuildError ? built : built.stack;
  },
  async ofService(key) {
    const service = store.get('Service', key);
    if (service === undefined) return undefined;
    const built = await buildService(service, settings, services);
    return built instanceof BuildError ? built : built.stack;
  },
});
