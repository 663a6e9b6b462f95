/** cli/render/up — what `ekstwin up` says when it is ready. */
import type { Up } from '../../up/start-up.ts';

const counted = (count: number, noun: string): string =>
  `${count} ${noun}${count === 1 ? '' : 's'}`;

/** Where it is reached, what to paste, what to try first. */
export function upText({ state, running }: Up, tookMs: number): string {
  const { store } = running.twin;
  const name = state.cluster ?? 'the network';
  const isNamed = state.name !== 'default';
  const size = `${counted(store.count('Node'), 'node')}, ${counted(store.count('Pod'), 'pod')}`;
  return [
    `${name} is up in ${state.region} after ${(tookMs / 1_000).toFixed(1)} s: ${size}`,
    `  Kubernetes   ${state.kubernetesUrl}   (KUBECONFIG=${state.kubeconfig})`,
    `  AWS          ${state.awsUrl}`,
    `  proxy        ${state.proxyUrl}   (the twin's load balancers, for curl and browsers)`,
    `  kept in      ${state.data ?? 'memory: it is gone when it stops'}`,
    ...(running.served.isLoopback
      ? []
      : [
          '  Whoever reaches this address needs these:',
          `    bearer token              ${state.token}`,
          `    AWS_ACCESS_KEY_ID         ${state.awsAccessKeyId}`,
          `    AWS_SECRET_ACCESS_KEY     ${state.awsSecret}`,
        ]),
    '',
    'In another shell:',
    `  eval "$(ekstwin env${isNamed ? ` --name ${state.name}` : ''})"`,
    '  kubectl get pods -A -o wide',
    "  aws ec2 describe-subnets --query 'Subnets[].[SubnetId,CidrBlock,AvailableIpAddressCount]'",
    '  ekstwin capacity',
    '',
    'Ctrl-C stops it.',
  ].join('\n');
}
