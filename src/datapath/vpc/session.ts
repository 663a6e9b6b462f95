/**
 * datapath/vpc/session — one flow and its answers through AWS's network. What security groups, NAT
 * gateways and egress-only gateways remember of the flow is here, so an answer is walked with the
 * session its question was walked with.
 */
import type { Packet } from '../../net/index.ts';
import type { Recorder } from '../recorder.ts';
import { deliverLocally } from './arrival.ts';
import type { VpcFabric } from './fabric.ts';
import { FlowMemory } from './flow-memory.ts';
import { fromEndpoint } from './gateway-endpoint.ts';
import { fromInternet } from './internet-gateway.ts';
import type { OutsidePlace, VpcOutcome } from './outcome.ts';
import { type Next, type Passage, stop } from './passage.ts';
import { passOn } from './passing-on.ts';
import { carry } from './router.ts';
import { sendFrom } from './sending.ts';
import { fromTransitAttachment } from './transit-gateway.ts';
import { fromVpnGateway } from './vpn-gateway.ts';

export class VpcSession {
  readonly #fabric: VpcFabric;
  readonly #memory = new FlowMemory();

  constructor(fabric: VpcFabric) {
    this.#fabric = fabric;
  }

  /** A packet sent by what is behind an interface: an instance, a pod's branch, RDS … */
  fromInterface(networkInterfaceId: string, packet: Packet, recorder: Recorder): VpcOutcome {
    const holder = this.#fabric.addresses.holder(networkInterfaceId);
    const passage = this.#passage(packet, recorder);
    if (holder === undefined) return unknown(passage, networkInterfaceId);
    passage.zone = holder.eni.availabilityZone;
    return carry(passage, sendFrom(passage, holder));
  }

  /** A packet of somebody else that a Network Load Balancer passes on, source and all. */
  passedOn(networkInterfaceId: string, packet: Packet, recorder: Recorder): VpcOutcome {
    const holder = this.#fabric.addresses.holder(networkInterfaceId);
    const passage = this.#passage(packet, recorder);
    if (holder === undefined) return unknown(passage, networkInterfaceId);
    return carry(passage, passOn(passage, holder));
  }

  /** A packet that comes in from outside. */
  fromOutside(place: OutsidePlace, packet: Packet, recorder: Recorder): VpcOutcome {
    const passage = this.#passage(packet, recorder);
    return carry(passage, enter(passage, place));
  }

  /** The answer to a packet that ended as `outcome` says, sent from where it ended. */
  answer(outcome: VpcOutcome, packet: Packet, recorder: Recorder): VpcOutcome {
    switch (outcome.kind) {
      case 'interface':
      case 'control-plane':
        return this.fromInterface(outcome.networkInterface.networkInterfaceId, packet, recorder);
      case 'aws-service': {
        const { networkInterface, via } = outcome;
        if (networkInterface !== undefined)
          return this.fromInterface(networkInterface.networkInterfaceId, packet, recorder);
        // Services at link-local addresses answer where they were asked.
        const asker = this.#fabric.addresses.holder(via);
        if (asker !== undefined) return { kind: 'interface', networkInterface: asker.eni, packet };
        return this.fromOutside({ kind: 'vpc-endpoint', vpcEndpointId: via }, packet, recorder);
      }
      case 'outside': {
        const { place, via, vpcId } = outcome;
        if (place === 'internet') return this.fromOutside({ kind: 'internet' }, packet, recorder);
        if (place === 'vpc' && !via.startsWith('tgw-'))
          return this.fromOutside({ kind: 'vpc', vpcId }, packet, recorder);
        return this.fromOutside({ kind: 'vpn', via }, packet, recorder);
      }
      case 'stopped':
        return outcome;
    }
  }

  #passage(packet: Packet, recorder: Recorder): Passage {
    return {
      fabric: this.#fabric,
      memory: this.#memory,
      recorder,
      packet,
      sender: undefined,
      isSenderKnown: true,
      isReply: false,
      zone: '',
    };
  }
}

const unknown = (passage: Passage, id: string): VpcOutcome =>
  stop(passage, {
    layer: 'vpc',
    kind: 'unknown',
    disposition: 'not-simulated',
    text: `${id} is in no document`,
    code: 'UNKNOWN_RESOURCE',
  });

function enter(passage: Passage, place: OutsidePlace): Next {
  const { fabric, recorder } = passage;
  switch (place.kind) {
    case 'internet':
      return fromInternet(passage);
    case 'vpn':
      return place.via.startsWith('vgw-')
        ? fromVpnGateway(passage, place.via)
        : fromTransitAttachment(passage, place.via);
    case 'vpc': {
      const vpc = fabric.topology.vpc(place.vpcId);
      recorder.enter(place.vpcId, 'vpc');
      return vpc === undefined
        ? unknown(passage, place.vpcId)
        : deliverLocally(passage, vpc, undefined);
    }
    case 'vpc-endpoint':
      return fromEndpoint(passage, place.vpcEndpointId);
  }
}
