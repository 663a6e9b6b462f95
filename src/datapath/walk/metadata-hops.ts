/**
 * datapath/walk/metadata-hops — a pod asks the instance metadata service, whose answer to the PUT
 * for a token lives for so many hops only: at 1 it ends on the node, one before the pod.
 *
 * Source: EC2 User Guide, "Configure the Instance Metadata Service options" (hop limit); EKS Best
 * Practices, "Restrict access to the instance profile assigned to the worker node"; EKS User
 * Guide, "AWS Fargate considerations": pods on Fargate have no such service.
 */
import { type Packet, PROTOCOL_TCP } from '../../net/index.ts';
import type { Recorder } from '../recorder.ts';
import type { Verdict } from '../trace.ts';
import type { Origin, Receiver } from './flow.ts';
import type { World } from './world.ts';

/** Why a pod gets no token; undefined where it does, or does not need one. */
export function metadataTooFar(
  { store }: World,
  origin: Origin,
  receiver: Receiver,
  packet: Packet,
  recorder: Recorder,
): Verdict | undefined {
  const isPod = origin.kind === 'namespace' && origin.id.startsWith('pod/');
  if (!isPod || receiver.kind !== 'aws-service' || receiver.service !== 'imds') return undefined;
  if (packet.protocol !== PROTOCOL_TCP || packet.destinationPort !== 80) return undefined;
  const pod = store.get('Pod', origin.id.slice('pod/'.length));
  if (pod?.spec.nodeName?.startsWith('fargate-') === true) return onFargate(origin.id, recorder);
  const eni = store.get('ec2/network-interface', receiver.via);
  const id = eni?.attachment?.instanceId;
  const instance = id === undefined ? undefined : store.get('ec2/instance', id);
  if (instance === undefined || instance.httpPutResponseHopLimit > 1) return undefined;
  if (instance.httpTokens !== 'required') return undefined;
  const text =
    `${id} asks for tokens (IMDSv2), and its hop limit is 1: the answer with the token ends on ` +
    'the node, one hop before the pod';
  const code = 'NODE_IMDS_HOP_LIMIT';
  recorder.step({
    layer: 'vpc',
    kind: 'hop-limit',
    action: 'drop',
    text,
    evidence: {
      decisive: [{ kind: 'node', object: id!, field: 'httpPutResponseHopLimit 1' }],
      code,
    },
  });
  return {
    disposition: 'reply-blocked',
    text,
    code,
    remedy: {
      text: 'give the pod an IAM role of its own (EKS Pod Identity, IRSA), or raise the hop limit',
      command:
        `aws ec2 modify-instance-metadata-options --instance-id ${id} ` +
        '--http-put-response-hop-limit 2',
    },
  };
}

function onFargate(id: string, recorder: Recorder): Verdict {
  const text = 'the instance metadata service is not there for pods on Fargate';
  const code = 'NODE_IMDS_ON_FARGATE';
  recorder.step({
    layer: 'vpc',
    kind: 'metadata',
    action: 'drop',
    text,
    evidence: {
      decisive: [{ kind: 'pod', object: id.slice('pod/'.length), field: 'Fargate' }],
      code,
    },
  });
  const remedy = { text: 'give the pod an IAM role for its service account (IRSA) and a region' };
  return { disposition: 'timed-out', text, code, remedy };
}
