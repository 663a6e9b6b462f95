/**
 * load-balancer/loops/service-loop — Services whose load balancer is the controller's: built,
 * deployed, named in their status, and taken down with them.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445
 * controllers/service/service_controller.go, eventhandlers/service_events.go.
 * Reads: Service.  Writes: Service (finalizer, status), Event, AWS through deploy.
 */
import { isEqual } from '../../../cluster/equal.ts';
import { isApiStatus, type Kubernetes } from '../../../cluster/kubernetes.ts';
import type { Kinds, TwinStore } from '../../../model/kinds.ts';
import type { Service } from '../../../model/kubernetes/core.ts';
import { keyOf } from '../../../model/kubernetes/meta.ts';
import {
  type Controller,
  done,
  type Request,
  type Result,
  retry,
  watch,
} from '../../../sim/controller.ts';
import { BuildError } from '../build-error.ts';
import { DeployError } from '../deploy/deploy-error.ts';
import { type Deployed, deployStack } from '../deploy/deploy-stack.ts';
import type { DeployTools } from '../deploy/deployment.ts';
import type { BackendSecurityGroup } from '../security-groups/backend-security-group.ts';
import {
  buildService,
  claimOf,
  SERVICE_FINALIZER,
  type ServiceStack,
} from '../service/build-service.ts';
import type { ServiceReads } from '../service/service-reads.ts';
import type { AwsReads } from './aws-reads.ts';
import { Finalizers } from './finalizers.ts';
import { afterError, IDLE_RETRY_MS } from './outcome.ts';
import { serviceReads } from './service-reads.ts';
import { isSame } from './unchanged.ts';

const NOTHING: readonly Request[] = [];

export interface ServiceLoopParts {
  readonly tools: DeployTools;
  readonly reads: AwsReads;
  readonly backend: BackendSecurityGroup;
}

/** Requests are keys of Services. */
export function serviceLoop(parts: ServiceLoopParts): Controller<Kinds> {
  const { settings } = parts.tools;
  const loop = new ServiceLoop(parts);
  return {
    name: 'load-balancer-service',
    concurrency: settings.serviceMaxConcurrentReconciles,
    idleRetryMs: IDLE_RETRY_MS,
    watches: [
      watch<Kinds, 'Service'>('Service', ({ key, value, previous }) =>
        value === undefined || isSame(previous, value, 'spec') || !loop.concerns(value)
          ? NOTHING
          : [key],
      ),
    ],
    reconcile: (key) => loop.reconcile(key),
  };
}

const holdsFinalizer = ({ metadata }: Service): boolean =>
  metadata.finalizers?.includes(SERVICE_FINALIZER) === true;

class ServiceLoop {
  readonly #parts: ServiceLoopParts;
  readonly #store: TwinStore;
  readonly #kubernetes: Kubernetes;
  readonly #finalizers: Finalizers;
  readonly #reads: ServiceReads;

  constructor(parts: ServiceLoopParts) {
    this.#parts = parts;
    const { store, kubernetes, tracking } = parts.tools;
    this.#store = store;
    this.#kubernetes = kubernetes;
    this.#finalizers = new Finalizers(store, kubernetes);
    const { reads, backend } = parts;
    this.#reads = serviceReads(store, tracking, reads, backend);
  }

  concerns(service: Service): boolean {
    if (holdsFinalizer(service)) return true;
    return claimOf(service, this.#parts.tools.settings).by === 'load-balancer-controller';
  }

  async reconcile(key: string): Promise<Result> {
    const service = this.#store.get('Service', key);
    if (service === undefined) return done;
    const built = await buildService(service, this.#parts.tools.settings, this.#reads);
    if (built instanceof BuildError) {
      this.#warn(service, 'FailedBuildModel', `Failed build model due to ${built.message}`);
      return retry(built.message);
    }
    return built.claim.by === 'load-balancer-controller'
      ? this.#bring(service, built)
      : this.#cleanUp(service, built);
  }

  async #bring(service: Service, built: ServiceStack): Promise<Result> {
    const key = keyOf(service);
    const refused = this.#finalizers.add('Service', key, SERVICE_FINALIZER);
    if (refused !== undefined) {
      const text = `Failed add finalizer due to ${refused.message}`;
      return this.#failed(service, 'FailedAddFinalizer', text, refused.message);
    }
    const deployed = await this.#deploy(service, built);
    if (deployed instanceof Error) return afterError(deployed);
    if (!built.usesBackendSecurityGroup) {
      const stays = await this.#release(key);
      if (stays !== undefined) return retry(stays.message);
    }
    const unsaid = this.#writeStatus(key, deployed);
    if (unsaid !== undefined) {
      const text = `Failed update status due to ${unsaid}`;
      return this.#failed(service, 'FailedUpdateStatus', text, unsaid);
    }
    this.#event(service, 'Normal', 'SuccessfullyReconciled', 'Successfully reconciled');
    return done;
  }

  async #cleanUp(service: Service, built: ServiceStack): Promise<Result> {
    if (!holdsFinalizer(service)) return done;
    const key = keyOf(service);
    const deployed = await this.#deploy(service, built);
    if (deployed instanceof Error) return afterError(deployed);
    const stays = await this.#release(key);
    if (stays !== undefined) return retry(stays.message);
    const unsaid = this.#writeIngress(key, undefined, 'cleanup');
    if (unsaid !== undefined) {
      const text = `Failed update status due to ${unsaid}`;
      return this.#failed(service, 'FailedCleanupStatus', text, unsaid);
    }
    const refused = this.#finalizers.remove('Service', key, SERVICE_FINALIZER);
    if (refused === undefined) return done;
    const text = `Failed remove finalizer due to ${refused.message}`;
    return this.#failed(service, 'FailedRemoveFinalizer', text, refused.message);
  }

  async #deploy(service: Service, { stack }: ServiceStack): Promise<Deployed | DeployError> {
    const deployed = await deployStack(stack, this.#parts.tools);
    if (deployed instanceof DeployError && deployed.requeueAfterMs === undefined) {
      const text = `Failed deploy model due to ${deployed.message}`;
      this.#warn(service, 'FailedDeployModel', text);
    }
    return deployed;
  }

  async #release(key: string): Promise<DeployError | undefined> {
    try {
      await this.#parts.backend.release([{ kind: 'Service', key }]);
      return undefined;
    } catch (error) {
      if (error instanceof DeployError) return error;
      throw error;
    }
  }

  /** @returns why it could not be written */
  #writeStatus(key: string, deployed: Deployed): string | undefined {
    const hostname = deployed
      .statusOf({
        resourceType: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
        resourceId: 'LoadBalancer',
        field: 'dnsName',
      })
      ?.toLowerCase();
    return this.#writeIngress(key, hostname, 'update');
  }

  #writeIngress(
    key: string,
    hostname: string | undefined,
    verb: 'update' | 'cleanup',
  ): string | undefined {
    const service = this.#store.get('Service', key);
    if (service === undefined) return undefined;
    const ports = (service.spec.ports ?? []).map(({ port, protocol = 'TCP' }) => ({
      port,
      protocol,
    }));
    const loadBalancer = hostname === undefined ? {} : { ingress: [{ hostname, ports }] };
    if (isEqual(service.status?.loadBalancer ?? {}, loadBalancer)) return undefined;
    const status = { ...service.status, loadBalancer };
    const written = this.#kubernetes.updateStatus({ ...service, status });
    return isApiStatus(written)
      ? `failed to ${verb} service status: ${key}: ${written.message}`
      : undefined;
  }

  #failed(service: Service, reason: string, text: string, cause: string): Result {
    this.#warn(service, reason, text);
    return retry(cause);
  }

  #warn(service: Service, reason: string, message: string): void {
    this.#event(service, 'Warning', reason, message);
  }

  #event(service: Service, type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.#kubernetes.recordEvent(service, { type, reason, message, component: 'service' });
  }
}
