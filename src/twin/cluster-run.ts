/**
 * twin/cluster-run — the controllers of one cluster, started and wired: who watches what, whose
 * EC2 calls are whose, which plugin sits on which node.
 */
import { persistent } from '../cloud/decorate.ts';
import { garbageCollector } from '../cluster/garbage-collector.ts';
import { namespaceDefaults } from '../cluster/namespace-defaults.ts';
import { namespaceLifecycle } from '../cluster/namespace-lifecycle.ts';
import { bookkeeping } from '../controllers/eks-control-plane/bookkeeping.ts';
import { nodeGroups } from '../controllers/eks-control-plane/node-group.ts';
import { systemObjects } from '../controllers/eks-control-plane/system-objects.ts';
import { endpointSliceController } from '../controllers/endpoint-slice/endpoint-slice.ts';
import { endpointsController } from '../controllers/endpoints/endpoints.ts';
import { type ExternalDns, externalDns } from '../controllers/external-dns/external-dns.ts';
import { type Fargate, fargate } from '../controllers/fargate/fargate.ts';
import { fargateWebhook } from '../controllers/fargate/fargate-webhook.ts';
import { inTreeLoadBalancers } from '../controllers/in-tree-load-balancer/in-tree-load-balancer.ts';
import { kubelet } from '../controllers/kubelet/kubelet.ts';
import { nodeLeases } from '../controllers/kubelet/node-lease.ts';
import { LoadBalancerController } from '../controllers/load-balancer/load-balancer-controller.ts';
import { multusCni } from '../controllers/multus/multus.ts';
import { RangeAddresses } from '../controllers/multus/range-addresses.ts';
import { networkPolicyController } from '../controllers/network-policy/network-policy.ts';
import { scheduler } from '../controllers/scheduler/scheduler.ts';
import type { IpamdState } from '../controllers/vpc-cni/ipamd-state.ts';
import { createVpcResource } from '../controllers/vpc-resource/vpc-resource.ts';
import { workloadControllers } from '../controllers/workloads/index.ts';
import type { Kinds } from '../model/kinds.ts';
import { type Controller, ControllerRun, type EventFaults } from '../sim/controller.ts';
import { eventFaults, type Faults } from '../sim/faults.ts';
import { AwsAccess } from './aws-access.ts';
import type { CallLog } from './call-log.ts';
import type { NodeAgent } from './node-agent.ts';
import { NodePlugins } from './node-plugins.ts';
import type { Twin } from './twin.ts';

export class ClusterRun {
  readonly #runs: ControllerRun<Kinds>[] = [];
  readonly #plugins: NodePlugins;
  readonly #loadBalancers: LoadBalancerController;
  readonly #names: ExternalDns;

  constructor(twin: Twin, log: CallLog, faults: () => Faults) {
    const { clock, store, kubernetes } = twin;
    const aws = new AwsAccess(twin, log, faults);
    const random = clock.random;
    const clusterName = store.list('eks/cluster')[0]!.name;
    const addresses = new RangeAddresses(store);
    this.#plugins = new NodePlugins(twin, aws, (cni, nodeName, instanceId) =>
      multusCni({ store, kubernetes, nodeName, instanceId, cni, addresses }),
    );
    const serverless = fargate(
      clock,
      random.split('fargate'),
      store,
      aws.for('fargate').ec2,
      kubernetes,
      clusterName,
    );
    const resources = createVpcResource(
      clock,
      random.split('vpc-resource'),
      store,
      aws.for('vpc-resource-controller').ec2,
      kubernetes,
      { clusterName },
    );
    const events = eventFaults(random.split('events'), faults);
    this.#loadBalancers = this.#loadBalancerController(twin, aws, events);
    this.#names = externalDns(clock, store, aws.for('external-dns').route53);
    kubernetes.registerWebhook(fargateWebhook(store, clusterName));
    for (const webhook of this.#loadBalancers.webhooks) kubernetes.registerWebhook(webhook);
    for (const webhook of resources.webhooks) kubernetes.registerWebhook(webhook);
    const controllers: readonly Controller<Kinds>[] = [
      systemObjects(store, kubernetes),
      bookkeeping(store, kubernetes.apart),
      nodeGroups(clock, store, aws.for('auto-scaling').ec2),
      networkPolicyController(store, kubernetes),
      ...builtIn(twin),
      ...resources.controllers,
      serverless.controller,
      this.#kubelets(twin, serverless),
      nodeLeases(clock, store, kubernetes.apart),
      this.#loadBalancers.controller,
      inTree(twin, aws),
      this.#names.controller,
    ];
    for (const controller of controllers) {
      this.#runs.push(new ControllerRun(clock, store, controller, events));
    }
    resources.start();
  }

  /** ipamd's own state on a node; undefined where no ipamd runs. */
  poolOf(nodeName: string): IpamdState | undefined {
    return this.#plugins.stateOf(nodeName);
  }

  /** A node's files and ipamd's pages; undefined where no ipamd runs. */
  agentOf(nodeName: string): NodeAgent | undefined {
    return this.#plugins.agentOf(nodeName);
  }

  /** The AWS Load Balancer Controller, at work or not. */
  get loadBalancers(): LoadBalancerController {
    return this.#loadBalancers;
  }

  /** Every external-dns of the cluster. */
  get names(): ExternalDns {
    return this.#names;
  }

  stop(): void {
    for (const run of this.#runs) run.stop();
    this.#plugins.stop();
  }

  #loadBalancerController(
    { clock, store, kubernetes, cloud }: Twin,
    aws: AwsAccess,
    events: EventFaults,
  ): LoadBalancerController {
    const { vpcId } = store.list('eks/cluster')[0]!;
    const { ec2, elbv2, acm } = aws.for('aws-load-balancer-controller');
    return new LoadBalancerController({
      clock,
      random: clock.random.split('load-balancer'),
      store,
      kubernetes,
      ec2,
      elbv2,
      acm,
      reads: cloud.elbv2,
      place: { vpcId, region: cloud.region },
      events,
    });
  }

  #kubelets(
    { clock, store, kubernetes, reach, programs }: Twin,
    serverless: Fargate,
  ): Controller<Kinds> {
    return kubelet(clock, clock.random.split('kubelet'), store, kubernetes, {
      cniOf: (nodeName) => serverless.cniOf(nodeName) ?? this.#plugins.cniOf(nodeName),
      hooks: this.#plugins,
      images: (image, nodeName) => {
        const failed = reach.pull(image, nodeName);
        return failed && { kind: 'refused', ...failed };
      },
      reach,
      programs,
    });
  }
}

/** The service controller of EKS's cloud controller manager. */
function inTree({ clock, store, kubernetes }: Twin, aws: AwsAccess): Controller<Kinds> {
  const { name: clusterName, vpcId } = store.list('eks/cluster')[0]!;
  const called = aws.for('service-controller');
  const ec2 = persistent(called.ec2, clock);
  const elbv2 = persistent(called.elbv2, clock);
  const classicElb = persistent(called.classicElb, clock);
  const parts = { clock, store, ec2, elbv2, classicElb, clusterName, vpcId };
  return inTreeLoadBalancers(parts, kubernetes);
}

/** What kube-controller-manager, the scheduler and the API server itself run. */
function builtIn({ clock, store, kubernetes }: Twin): Controller<Kinds>[] {
  const random = clock.random.split('controllers');
  return [
    ...workloadControllers(clock, random, store, kubernetes),
    endpointSliceController(clock, random, store, kubernetes),
    endpointsController(clock, store, kubernetes.apart),
    scheduler(clock, random, store, kubernetes),
    garbageCollector(store, kubernetes),
    namespaceLifecycle(store, kubernetes),
    namespaceDefaults(store, kubernetes),
  ];
}
