/**
 * load-balancer/gateway/loops/gateway-stack — the stack of one Gateway as its loop would build it
 * now, told to nobody and deployed by nobody: what a preview prints.
 */
import type { TwinStore } from '../../../../model/kinds.ts';
import { ALB_CONTROLLER } from '../../../../model/kubernetes/gateway.ts';
import { BuildError, built } from '../../build-error.ts';
import type { ControllerSettings } from '../../settings/settings.ts';
import type { Stack } from '../../stack/stack.ts';
import { loadRoutes } from '../attachment/load-routes.ts';
import { resolveConfiguration } from '../configuration/resolve-configuration.ts';
import { buildGateway } from '../model/build-gateway.ts';
import type { GatewayReads } from '../model/gateway-build.ts';

/** @returns undefined where no Gateway of the controllers has the key */
export async function gatewayStack(
  store: TwinStore,
  settings: ControllerSettings,
  readsOf: ReadonlyMap<string, GatewayReads>,
  key: string,
): Promise<Stack | BuildError | undefined> {
  const gateway = store.get('Gateway', key);
  const gatewayClass = gateway && store.get('GatewayClass', gateway.spec.gatewayClassName);
  if (gateway === undefined || gatewayClass === undefined) return undefined;
  const { controllerName } = gatewayClass.spec;
  const reads = readsOf.get(controllerName);
  if (reads === undefined) return undefined;
  const resolved = built(() => resolveConfiguration(store, gateway, gatewayClass));
  if (resolved instanceof BuildError) return resolved;
  const { configuration, defaults } = resolved;
  const takesListenerSets = settings.featureGates.GatewayListenerSet;
  const request = { store, gateway, controllerName, takesListenerSets, defaults };
  const { result: loaded } = loadRoutes(request);
  if (loaded instanceof BuildError) return loaded;
  const type = controllerName === ALB_CONTROLLER ? 'application' : 'network';
  const model = await buildGateway({ settings, type, gateway, configuration, loaded, reads });
  return model instanceof BuildError ? model : model.stack;
}
