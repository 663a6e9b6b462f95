/**
 * twin/reach/twin-reach — what the machines of a twin reach, answered by the datapath: once for
 * each class of interfaces that fare alike, again after AWS's network changed.
 *
 * Upstream: awslabs/amazon-eks-ami@05447948 nodeadm/internal/api/status.go:50 (nodeadm asks EC2
 * for the private DNS name before it starts the kubelet). The token a kubelet shows to the API
 * server is signed on the node: STS is not called from there.
 * Reads: EksCluster, Node, Instance, NetworkInterface and AWS's network nouns.
 */

import { awsServiceName } from '../../datapath/dns/aws-service-names.ts';
import { TOPOLOGY_KINDS } from '../../datapath/vpc/topology.ts';
import type { World } from '../../datapath/walk/world.ts';
import type { NetworkInterface } from '../../model/ec2/network-interface.ts';
import type { EksCluster } from '../../model/eks/cluster.ts';
import { endpointHost } from '../../model/eks/endpoint-host.ts';
import type { TwinStore } from '../../model/kinds.ts';
import { instanceIdOf } from '../../model/kubernetes/provider-id.ts';
import type { ClosedPath, FailedPull, JoinPaths, Reach } from '../../model/linux/reach.ts';
import type { Datapath } from '../datapath.ts';
import { type Closed, closedPath, withoutHosts } from './path.ts';
import { type ImagePlace, imagePlace, pullError } from './registry.ts';
import { SenderClasses } from './sender-class.ts';

const OPEN: JoinPaths = { ec2: undefined, apiServer: undefined };

/** Kinds besides the topology's whose changes may open or close a path. */
const OTHER_KINDS = ['ec2/security-group', 'eks/cluster'] as const;

export class TwinReach implements Reach {
  readonly #store: TwinStore;
  readonly #datapath: () => Datapath;
  readonly #listeners = new Set<() => void>();
  readonly #places = new Map<string, ImagePlace>();
  #world: World | undefined;
  #classes: SenderClasses;
  /** Class and name to the answer; null: reached. */
  readonly #known = new Map<string, Closed | null>();

  /** @param datapath  made when the first path is walked */
  constructor(store: TwinStore, datapath: () => Datapath) {
    this.#store = store;
    this.#datapath = datapath;
    this.#classes = new SenderClasses(store);
    const changed = (): void => this.#changed();
    for (const kind of [...TOPOLOGY_KINDS, ...OTHER_KINDS]) store.subscribe(kind, changed);
    store.subscribe('ec2/network-interface', ({ value, previous }) => {
      if (this.#matters(value, previous)) changed();
    });
  }

  joinPaths(instanceId: string): JoinPaths {
    const eni = this.#interfaceOf(instanceId);
    if (eni === undefined) return OPEN;
    const cluster = this.#store.list('eks/cluster')[0];
    const closed = this.#path(eni, hostOf(cluster));
    const instead =
      cluster === undefined || cluster.endpointPrivateAccess
        ? undefined
        : `turn the private endpoint on: aws eks update-cluster-config --name ${cluster.name} ` +
          '--resources-vpc-config endpointPrivateAccess=true';
    return { ec2: this.#ec2From(eni), apiServer: told(closed, 'the API server', instead) };
  }

  ec2(instanceId: string): ClosedPath | undefined {
    const eni = this.#interfaceOf(instanceId);
    return eni && this.#ec2From(eni);
  }

  pull(image: string, nodeName: string): FailedPull | undefined {
    const eni = this.#interfaceOfNode(nodeName);
    if (eni === undefined) return undefined;
    const place = this.#placeOf(image);
    const { ecr } = place;
    const error = pullError(place, {
      token: ecr && this.#path(eni, ecr.api),
      manifest: this.#path(eni, place.host, place.port),
      layers: ecr && this.#path(eni, ecr.layers),
    });
    if (error === undefined) return undefined;
    return { ...error, closed: told(error.closed, error.closed.host)! };
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #ec2From(eni: NetworkInterface): ClosedPath | undefined {
    const { region } = this.#datapath();
    const host = awsServiceName('ec2', region).replace(/\.$/, '');
    const instead = `make an interface endpoint for com.amazonaws.${region}.ec2 in the VPC`;
    return told(this.#path(eni, host), "EC2's API", instead);
  }

  #path(eni: NetworkInterface, host: string, port?: number): Closed | undefined {
    const key = `${this.#classes.keyOf(eni)} ${host} ${port ?? ''}`;
    let answer = this.#known.get(key);
    if (answer === undefined) {
      const datapath = this.#datapath();
      this.#world ??= withoutHosts(datapath.world);
      answer = closedPath(datapath, this.#world, eni, host, port) ?? null;
      this.#known.set(key, answer);
    }
    return answer ?? undefined;
  }

  #placeOf(image: string): ImagePlace {
    let place = this.#places.get(image);
    if (place === undefined) {
      place = imagePlace(image);
      this.#places.set(image, place);
    }
    return place;
  }

  #interfaceOf(instanceId: string): NetworkInterface | undefined {
    for (const id of this.#store.lookupKeys('ec2/network-interface', 'instance', instanceId)) {
      const eni = this.#store.get('ec2/network-interface', id)!;
      const { deviceIndex, networkCardIndex } = eni.attachment!;
      if (deviceIndex === 0 && networkCardIndex === 0) return eni;
    }
    return undefined;
  }

  /** A node's primary interface; a Fargate machine's only one. */
  #interfaceOfNode(nodeName: string): NetworkInterface | undefined {
    const node = this.#store.get('Node', nodeName);
    const instanceId = node && instanceIdOf(node);
    if (instanceId?.startsWith('i-') === true) return this.#interfaceOf(instanceId);
    const id = node?.spec.providerID?.split('/').at(-2);
    return id === undefined ? undefined : this.#store.get('ec2/network-interface', `eni-${id}`);
  }

  /** Whether a change of an interface may open or close a path; most are addresses of pods. */
  #matters(value: NetworkInterface | undefined, previous: NetworkInterface | undefined): boolean {
    const eni = value ?? previous!;
    if (eni.interfaceType === 'vpc_endpoint' || eni.interfaceType === 'nat_gateway') return true;
    if (value === undefined || previous === undefined) return this.#isControlPlanes(eni);
    return (
      value.groups !== previous.groups ||
      value.sourceDestCheck !== previous.sourceDestCheck ||
      value.privateIpAddresses[0]?.public !== previous.privateIpAddresses[0]?.public
    );
  }

  #isControlPlanes({ networkInterfaceId }: NetworkInterface): boolean {
    for (const { value } of this.#store.entries('eks/cluster'))
      if (value.networkInterfaceIds.includes(networkInterfaceId)) return true;
    return false;
  }

  #changed(): void {
    if (this.#known.size === 0) return;
    this.#known.clear();
    this.#classes = new SenderClasses(this.#store);
    for (const listener of this.#listeners) listener();
  }
}

const hostOf = (cluster: EksCluster | undefined): string =>
  cluster === undefined ? '' : endpointHost(cluster);

/** @param instead  what helps where the route is missing and shall not be made */
const told = (closed: Closed | undefined, peer: string, instead?: string): ClosedPath | undefined =>
  closed && {
    peer,
    host: closed.host,
    text: closed.verdict.text,
    remedy: closed.verdict.remedy,
    instead: closed.verdict.disposition === 'no-route' ? instead : undefined,
  };
