/**
 * The troubleshooting list of a widely read guide, as it is written: what stands in angle brackets
 * is filled in from the twin, and nothing else is changed.
 */

import type { Step } from './steps.ts';

export interface GuideStep extends Step {
  /** The command as the guide has it. */
  readonly written: string;
}

const guide = (written: string, more: Omit<Step, 'run'>, run = filled(written)): GuideStep => ({
  written,
  run,
  ...more,
});

/** `<pod>` is the variable POD. */
function filled(written: string): string {
  return written.replaceAll(/<([a-z-]+)>/g, (_, name: string) => `$${variable(name)}`);
}

const variable = (name: string): string => name.toUpperCase().replaceAll('-', '_');

/** Where the guide's pods come from, and what the brackets stand for. */
export const GUIDE_BEFORE: readonly Step[] = [
  { run: 'kubectl create deployment guide --image=nginx --replicas=2 --port=80', prints: /created/ },
  { run: 'kubectl expose deployment guide', prints: /service\/guide exposed/ },
  { run: 'kubectl rollout status deployment guide --timeout=30s', prints: /successfully rolled out/ },
  { run: "kubectl get pods -l app=guide -o jsonpath='{.items[0].metadata.name}'", prints: /^guide-/, keep: 'POD' },
  { run: "kubectl get pods -l app=guide -o jsonpath='{.items[1].status.podIP}'", prints: /^10\.30\./, keep: 'OTHER_POD_IP' },
  { run: 'echo guide', prints: /guide/, keep: 'SERVICE_NAME' },
  { run: "kubectl get pods -n kube-system -l k8s-app=aws-node -o jsonpath='{.items[0].metadata.name}'", prints: /^aws-node-/, keep: 'VPC_CNI_POD' },
  { run: "kubectl get nodes -o jsonpath='{.items[0].metadata.name}'", prints: /^ip-10-30-/, keep: 'NODE' },
  { run: "kubectl get nodes -o jsonpath='{.items[0].spec.providerID}' | sed 's,.*/,,'", prints: /^i-/, keep: 'INSTANCE_ID' },
  { run: "aws ec2 describe-instances --instance-ids $INSTANCE_ID --query 'Reservations[0].Instances[0].SubnetId' --output text", prints: /^subnet-/, keep: 'SUBNET_ID' },
];

const NO_TERMINAL = 'Unable to use a TTY - input is not a terminal or the right kind of file';

export const GUIDE_STEPS: readonly GuideStep[] = [
  guide('kubectl get pods -o wide', { prints: /guide-\S+ +1\/1 +Running +0 +\S+ +10\.30\./ }),
  // Its pods are called aws-node: nothing is found, as on EKS.
  guide('kubectl get pods -n kube-system | grep vpc-cni', { prints: /^$/, status: 1 }),
  // Of two containers older kubectls choose none, here as on EKS.
  guide('kubectl logs -n kube-system <vpc-cni-pod>', {
    prints: /Starting IPAM daemon/,
    since: 1.21,
    older: { prints: /a container name must be specified for pod aws-node-/, status: 1 },
  }),
  guide('aws ec2 describe-network-interfaces --filters "Name=attachment.instance-id,Values=<instance-id>"', { prints: /"PrivateIpAddresses": \[/ }),
  guide('ip route', { prints: /^default via 10\.30\./m }, 'kubectl debug -i node/$NODE --image=busybox -- ip route'),
  guide('aws ec2 describe-security-groups', { prints: /"IpPermissions": \[/ }),
  guide('kubectl get networkpolicies', { prints: /No resources found in default namespace\./ }),
  // It goes on until it is interrupted.
  guide('kubectl exec -it <pod> -- ping <other-pod-ip>', { prints: new RegExp(`icmp_seq=2 ttl=\\d+ time=[^]*${NO_TERMINAL}`), status: 124 }, 'timeout 4 kubectl exec -it $POD -- ping $OTHER_POD_IP'),
  guide('kubectl exec -it <pod> -- curl <service-name>', { prints: new RegExp(`"host": "guide"[^]*${NO_TERMINAL}`) }),
  guide('aws ec2 describe-subnets --subnet-ids <subnet-id>', { prints: /"AvailableIpAddressCount": \d+/ }),
];
